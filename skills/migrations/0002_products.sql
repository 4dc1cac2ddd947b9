CREATE TABLE products (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    brand TEXT NOT NULL DEFAULT '',
    barcode TEXT NOT NULL DEFAULT '',
    price TEXT NOT NULL DEFAULT '',
    quantity TEXT NOT NULL DEFAULT '',
    ingredients TEXT NOT NULL DEFAULT '',
    allergens TEXT NOT NULL DEFAULT '',
    traces TEXT NOT NULL DEFAULT '',
    energy TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE UNIQUE INDEX products_by_barcode ON products (barcode) WHERE barcode <> '';

CREATE TABLE product_photos (
    id INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;

CREATE INDEX product_photos_by_product ON product_photos (product_id);

-- Trigrams find words in any script, and misspelt ones by those that are left.
CREATE VIRTUAL TABLE product_names USING fts5 (name, brand, content = 'products', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER products_added AFTER INSERT ON products BEGIN
    INSERT INTO product_names (rowid, name, brand) VALUES (new.id, new.name, new.brand);
END;

CREATE TRIGGER products_removed AFTER DELETE ON products BEGIN
    INSERT INTO product_names (product_names, rowid, name, brand) VALUES ('delete', old.id, old.name, old.brand);
END;

CREATE TRIGGER products_changed AFTER UPDATE ON products BEGIN
    INSERT INTO product_names (product_names, rowid, name, brand) VALUES ('delete', old.id, old.name, old.brand);
    INSERT INTO product_names (rowid, name, brand) VALUES (new.id, new.name, new.brand);
END;
