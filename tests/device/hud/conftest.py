import os
from pathlib import Path

import pytest

from lamha.device.hud.fonts import Fonts
from lamha.models.errors import ModelMissing
from lamha.models.store import Store
from lamha.skills.api import Card

GOLDEN = Path(__file__).parents[2] / "golden" / "hud"

CARDS = {
    "en-answer": Card(
        "Pharmacy",
        "Open until 22:00. It is 350 m away: walk north on Mannerheimintie, "
        "then turn left at the second light.",
        "Say “take me there”",
    ),
    "en-short": Card("Time in Cairo", "18:30"),
    "en-draft": Card(
        "To Sara",
        "I’m ten minutes late, the tram is stuck at the bridge. Start without me!",
        "Say “send” or “cancel”",
        "draft",
    ),
    "en-list": Card(
        "Reminders today",
        "Call the dentist at 9:00\n"
        "Pick up the parcel from the post office before it closes\n"
        "Dinner with Omar, 19:30",
        "Say “next”",
        "list",
    ),
    "en-question": Card("Which Sara?", "Sara Johnson or Sara Lindqvist?", "Say a full name", "question"),
    "en-error": Card("No microphone", "PortAudio is not on this device: install libportaudio2.", "", "error"),
    "en-long": Card(
        "Summary of the article about the history of optical waveguides in consumer eyewear",
        "Waveguides carry light inside a thin sheet of glass by total internal reflection. "
        "The eye sees what leaves it, and the world behind it. " * 12,
        "Say “more”",
    ),
    "ar-reminder": Card(
        "تذكير",
        "الاتصال بـ Sara Johnson الساعة 18:30 يوم الثلاثاء 12 مايو، ثم إرسال الملف (PDF) إلى المكتب.",
        "قل «نعم» للتأكيد أو «لا» للإلغاء",
        "answer",
        "ar",
    ),
    "ar-draft": Card(
        "رسالة إلى Omar Al-Fulan",
        "وصلت إلى محطة Helsinki Central (المدخل 3B)، سأنتظرك عند باب «Café Ekberg» من 10:30-11:00. "
        "رقمي +358 40 123 4567",
        "قل «أرسل» أو «ألغ»",
        "draft",
        "ar",
    ),
    "ar-refusal": Card("لا أستطيع", "لا يمكنني فعل ذلك دون اتصال بالشبكة.", "قل «مساعدة»", "refusal", "ar"),
    "ar-vowels": Card(
        "قراءة",
        "ذَكِّرْنِي بِالِاتِّصَالِ بِأُمِّي غَدًا فِي السَّاعَةِ الثَّالِثَةِ وَالنِّصْفِ، ثُمَّ أَرْسِلِ المِلَفَّ إِلَى المَكْتَبِ",
        "",
        "answer",
        "ar",
    ),
    "zh-answer": Card(
        "附近的药店",
        "最近的药店在曼纳海姆大街 12 号，距离这里 350 米，营业到晚上 22:00。请先向北走到第二个红绿灯，"
        "然后左转；药店就在“中央车站”的对面。如果已经关门，可以去火车站里的 24 小时药店。",
        "说“带我去”",
        "answer",
        "zh",
    ),
    "zh-question": Card(
        "你说的是哪位 Sara？", "Sara Johnson 还是 Sara Lindqvist？", "说出全名", "question", "zh"
    ),
    "zh-short": Card("翻译", "你好，很高兴认识你。", "", "answer", "zh"),
}


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    try:
        return Fonts.from_store(Store())
    except ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=CARDS)
def named_card(request: pytest.FixtureRequest) -> tuple[str, Card]:
    return request.param, CARDS[request.param]


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def update_golden() -> bool:
    return os.environ.get("LAMHA_UPDATE_GOLDEN") == "1"
