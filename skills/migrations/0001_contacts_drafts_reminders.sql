CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (name <> ''),
    aliases TEXT NOT NULL CHECK (json_valid(aliases)),
    phone TEXT NOT NULL
) STRICT;

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL REFERENCES contacts (id),
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    created TEXT NOT NULL
) STRICT;

CREATE INDEX drafts_by_contact ON drafts (contact_id);

CREATE TABLE reminders (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    due TEXT NOT NULL,
    timezone TEXT NOT NULL,
    language TEXT NOT NULL,
    created TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
) STRICT;

CREATE INDEX reminders_by_due ON reminders (done, due);
