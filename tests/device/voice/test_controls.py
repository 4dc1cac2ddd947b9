import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.device.voice.controls import CONTROLS, control

SAID = {
    "stop": """Stop. | stop it | be quiet | never mind | Okay, that's enough | hey lamha, stop
    shut up please | forget it
        وقف | خلاص | اسكت لو سمحت | كفى | بس | لا يهم | توقفي الآن | إلغاء
        停 | 别说了 | 安静点 | 算了吧 | 停下来 | 请停一下 | 不用了 | 够了，谢谢""",
    "repeat": """repeat that please | What? | say that again | pardon | I didn't catch that
    once more | what did you say
        مرة ثانية | شو قلت؟ | أعدها من فضلك | كرر لو سمحت | إيش قلت | ما سمعت | عيدها
        再说一遍 | 你说什么？ | 没听清 | 请重复一遍 | 什么？ | 再来一遍吧""",
    "louder": """louder | Can you speak up? | turn it up a bit | a | volume up please
        ارفع صوتك شوي | أعلى | علّي الصوت | بصوت أعلى من فضلك
        大声一点 | 大点声 | 请把声音调大一点 | 听不见""".replace("| a |", "|"),
    "quieter": """quieter please | turn it down | too loud | not so loud
        وطّي الصوت | اخفض صوتك لو سمحت | بصوت واطي
        小声点 | 声音小一点 | 太响了""",
    "slower": """slower | speak more slowly please | slow down | not so fast
        شوي شوي | على مهلك | أبطأ من فضلك
        慢一点 | 说慢点 | 太快了""",
    "faster": """faster | speed up please | too slow
        أسرع شوي | احكي أسرع
        快点 | 说快一点""",
}
REQUESTS = """stop the timer | don't stop | stop by the pharmacy | what time is it | what's that
louder in the kitchen
turn it up in the bedroom | cancel that | cancel my alarm | repeat after me | faster route home
quiet hotels nearby | say
never mind the gap | again tomorrow | enough milk | slow cooker recipes | say that again to Sara
turn up at six | pardons
وقف المؤقت | خلاص بكرة | مرة ثانية بكرة الصبح | ارفع صوت التلفزيون | أعلى جبل في العالم
كرر الرسالة لسارة | بس أحمد | لا
اسكت الإشعارات | نعم | شو الطقس | كفاية حليب | إلغاء الموعد | أسرع طريق للبيت
ببطء شديد جدا في المطبخ | قف عند الصيدلية
停止计时 | 大声朗读这段 | 慢炖食谱 | 快递到了吗 | 取消闹钟 | 什么时候 | 再说 | 小声告诉他
停车场在哪 | 安静的酒店 | 不 | 好的 | 是
快到了吗 | 够不够 | 算一下 | 没事干 | 别说谎是什么意思 | 再来一遍那首歌 | 把声音调大的方法"""


def _cut(rows: str) -> list[str]:
    return [said.strip() for row in rows.splitlines() for said in row.split("|")]


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, rows in SAID.items() for text in _cut(rows)]
)
def test_what_controls_the_voice(name: str, text: str) -> None:
    assert control(text) == name


@pytest.mark.parametrize("text", [*_cut(REQUESTS), "", "…", "?!"])
def test_what_goes_on_to_the_session(text: str) -> None:
    assert control(text) is None


@given(st.text(max_size=80))
def test_any_words(text: str) -> None:
    assert control(text) in (None, *CONTROLS)
