import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.moods import Mood, heard, mood, pattern

NEGATED = """
Don't send Sara the message
don’t call John
Please do not book the table
Hey lamha, please don't turn on the lights
hey jarvis please don't call mom
ok don't
Never text my boss
Never ever share my location
No need to remind me
There's no need to order anything
you don't need to call him
You don't have to set an alarm
I don't want you to send it
I don't want to book anything
I don't need a reminder
i do not want that
Stop, I don't want the alarm
stop don't send it
Could you please not call her
Can you not remind me again
Would you not text him
Let's not order pizza
Under no circumstances pay that bill
You mustn't delete the note
Stop sending messages to Sara
quit reminding me
Make sure you don't call her
Be careful not to delete anything
I'd rather you didn't send it
I told you not to call
I didn't ask you to send that
Nobody asked you to order
Tonight don't wake me
Tomorrow don't remind me about the gym
It's cold, don't turn off the heating
If it rains, don't water the garden
Whatever you do, don't pay it
No more reminders
not now
No, don't
Do nothing
Don't worry about the alarm
لا ترسل الرسالة
لا ترسلي شيئا
لَا تُرْسِلْ شيئًا
من فضلك لا تتصل به
رجاء لا تحذف الملاحظة
لو سمحت ما ترسل
ما ترسلش الرسالة
ما تبعتش حاجة لسارة
متبعتش الرسالة
ماتتصلش بيه
ما ترسل لسارة
لا داعي للتذكير
لا داعي
ما في داعي تتصل
مو لازم تذكرني
مش لازم تبعت
بلاش تتصل بيه
بلاش
ما أبغى أرسل شي
ما أبي تذكير
ما بدي تبعت
مش عايز أبعت حاجة
مش عاوز منبه
لا أريد أن ترسل
لا أريد حجزا
يا لمحة لا تشغلي النور
إياك أن ترسلها
اوعى تبعتها
توقف عن إرسال الرسائل
أرجو عدم الاتصال به
خلاص لا ترسل
ممكن ما ترسل الرسالة
لا، لا ترسلها
不要发短信
别打电话给他
不用提醒我了
不必订餐厅
不想订了
我不想发了
我不要设闹钟
我不需要提醒
先别发
先别打电话
请不要关灯
请别提醒我
你别发给他
明天别叫我起床
今天不用叫我
千万别删
没必要打电话
不许发
请勿打扰我妈
你能不能别发
可以不要提醒我吗
灯别关
闹钟不用设了
我没让你发
停止发消息给他
forget the exchange rate, I don't want you to convert anything
The movie is on. Don't turn on the lights
I'm still using it, no need to lock it
the lights, don't touch them
that message to Sara, please don't send it
the alarm, you don't need to set it
it's only a draft, but please don't send it
Leave the lights as they are
It's early, I don't need you to wake me
TSLA的股价就不用查了
刚才那顿饭先别记
闹钟就别设了
客厅的灯不要关
那条消息先不要发
明天的会议就不必取消了
汇率你就不用查了
在看电影，先别开灯
太晚了，不要打电话给他
汇率就算了，我不想让你换算
提醒就不用设了
刚才写的便签先别存
الرسالة لا ترسلها
الموعد ما تحذفه
النور خليه، لا تطفيه
رسالة سارة لا ترسلها
رسالتي ما تمسحها
الموعد حق بكرة لا تلغيه
المنبه بلاش تشغله
النور ما تطفيهوش
النور خليه زي ما هو
الجو برد، لا تطفي التدفئة
انسى سعر الصرف، ما أبيك تحول شي
الباب، لا تفتحه
"""

REPORTED = """
She told me to call Omar
He told me to send the report
my boss asked me to call him
My mom wants me to buy milk
He wants me to text Sara
Ahmed said turn off the lights
Ahmed said to turn off the lights
The sign says: call 112
The note says call the plumber
I read that you should call a doctor
I heard that they cancel the flights
I was told to book a room
I've been told to pay the bill
They said that the meeting is cancelled
My wife says send her the photo
The doctor recommended setting a reminder
My friend suggested ordering pizza
my sister keeps saying call grandma
Everyone told me to buy it
Someone asked me to set an alarm
my teacher needs me to email her
Turn off the lights, she said
Apparently they will call me
Omar texted me to call him
He said he would call me
The manager mentioned booking a hotel
Sara asked me to remind her
she was telling me to turn on the radio
my dad would like me to call him
Rumor has it they order pizza every day
قال لي أحمد أن أرسل الرسالة
قالت أمي اتصل بخالتك
قالتلي ماما أبعت الفلوس
قالولي أحجز بدري
طلب مني المدير أن أتصل به
طلبت مني سارة أن أرسل الصورة
طلب أحمد مني أن أحجز
أمي قالت لي أن أشتري الخبز
أحمد قال شغل النور
مديري يريدني أن أتصل
أبوي يبغاني أتصل فيه
أخبرني أحمد أن أتصل به
أخبرتني سارة أن الاجتماع ألغي
نصحني الطبيب أن أمشي
سمعت أن الرحلة ألغيت
قرأت أنه يجب الاتصال بالطبيب
اللافتة تقول اتصل بالشرطة
أمرني المدير أن أرسل
ماما عايزاني أكلم خالتو
他让我给他打电话
她叫我发短信
妈妈说关灯
妈妈让我买牛奶
老师叫我交作业
老板要我订机票
我老婆说打电话给她
我妈叫我早点睡
小李说关掉空调
王经理让我订会议室
医生建议我多走路
他们要求我付款
有人告诉我打这个号码
书上说要给医生打电话
牌子上写着请打112
听说他们取消了航班
新闻说明天下雨
朋友劝我买股票
他跟我说明天开会
张伟告诉我会议取消了
last night my sister asked if I'd turned off the hallway lights
Sara asked me whether I had called the bank
Yesterday my boss wanted to know if I could send the report
my brother wondered if we'd booked the hotel
This morning Tom mentioned that the lights are on
Two days ago my doctor told me to log my weight
the other day mom said I should call grandma
At lunch Ali asked whether the meeting was moved
my coach used to tell me to record every run
my dentist advised booking a cleaning
On Monday the manager was asking if I'd cancelled the order
My mom asked why I turned off the heating
I was asked if I wanted to book a room
نصحني المدرب أسجل وزني كل يوم
امبارح قالت لي أمي أشتري خبز
سألني المدير إذا أرسلت التقرير
أمس سألتني أختي هل أطفأت النور
اقترح علي صديقي أن أحجز مبكرا
كان يقول لي أبي اتصل بجدتك
الأسبوع الماضي طلب مني المدير أن ألغي الاجتماع
قبل شوي أحمد قلي أطفي النور
وصاني الدكتور أمشي كل يوم
المرة الماضية حذرني الطبيب من السكر
البارحة بنتي كانت تسألني إذا حجزت الفندق
医生上次建议我每天记一下体重
昨天我妈问我有没有关灯
刚才老板催我发邮件
上周医生嘱咐我多喝水
老师昨天提醒我交作业
我姐昨晚问我是不是关了走廊的灯
教练前天劝我每天记录饮食
开会的时候经理让我订酒店
上次，医生叮嘱我早点睡
我老婆经常催我付款
"""

HYPOTHETICAL = """
If I were to send Sara a message
if I was to call him now
What would happen if I sent it
What would happen if I called the police?
What if I booked the wrong hotel
what if I send it twice?
Suppose I booked a table
Supposing we cancelled the order
Imagine I sent that message
Let's say I order a pizza
Let's say that I called him
I might order pizza
I may call Sara later
I could text him
I was going to call Sara
I was gonna send a message
I was about to book a flight
I was thinking of calling mom
I'm thinking about ordering sushi
I'm considering cancelling the gym
Maybe later I'll call him
Maybe I should text Sara
Perhaps I'll order something
One day I'll book a trip to Japan
I should have called him
I almost sent it
I nearly called my ex
I wanted to call her but I was tired
I'd planned to text, I wish I had
I wish I could call grandma
I'll call him myself
I'll do it later
I'm not sure whether I should send it
If I had called her, she would have come
If I sent it now, would she see it?
If I cancel now, will I get a refund?
even if I told you to send it
Should I call Sara?
Tomorrow I might book the hotel
I would have sent it
لو أرسلت الرسالة
لو اتصلت به ماذا سيقول
ماذا لو أرسلت الرسالة؟
ماذا لو حجزت الفندق
شو لو بعتت الرسالة
ماذا سيحدث لو اتصلت به
ايش يصير لو أرسلتها
لنفترض أنني حجزت الطاولة
افترض أني أرسلت الرسالة
تخيل أني اتصلت به
كنت سأتصل بسارة
كنت سأرسل رسالة
كنت رح أتصل
كنت راح أرسلها
كنت أفكر أتصل بسارة
كنت بفكر أتصل بيه
كنت ناوي أحجز
كنت على وشك الاتصال
كنت عايز أبعت رسالة بس نسيت
ربما أتصل لاحقا
ربما سأرسلها غدا
يمكن أتصل بسارة بعدين
قد أحجز الفندق
أفكر في إرسال رسالة
بفكر أحجز رحلة
ليتني أرسلتها
كدت أرسلها
لو كنت مكانك
如果我发了会怎么样
如果我给他打电话会怎么样？
要是我取消了会发生什么
假如我发短信
假设我订了酒店
我本来想打电话
我本来要发短信的
我原本打算订酒店
我差点发了
我可能会订披萨
也许我该打电话
我也许会去
说不定我会买
我在考虑订机票
我在想要不要发
我该不该给她发短信
改天我再打
回头再说吧我自己发
早知道我就发了
我要是发了就好了
万一我发错了怎么办
我正想给他打电话
what would happen if I deleted all my notes
What would happen if I sent it, how long would it take
If I sent it, what would she say?
if I had called him
if I cancelled it, what happens?
لو حذفت الرسالة ماذا سيحدث
如果我删了会怎么样
如果我发给他会发生什么
"""

ABOUT = """
How do I send a message?
how can I set a timer
How do you set an alarm?
How to delete a reminder
how would I call someone
How do I turn on the lights?
How do I turn the volume up
How do I cancel a booking
How do I set up a reminder
how do I add a contact to the list
how does the timer work?
How does this work?
How do reminders work
Tell me how to send a message
Can you show me how to set a timer?
I want to know how to book a flight
Are you able to send messages?
Are you capable of making calls
Do you know how to send a text?
Is it possible to schedule a message?
Is there a way to mute notifications?
What can you do?
What else can you do
What commands do you know?
Can you send messages?
Can you set timers?
can you book flights?
Do you support Arabic messages
Did you send it?
Did you call Sara?
have you sent the message
Have I already booked the table?
Have I set an alarm?
Did I pay the bill
Has it been sent?
Was the message sent?
Is my message sent yet
Did the message go through
Why did you turn off the lights?
Why are you calling her?
When did you send it?
What happens when I press the button?
What does this button do?
What happens if I tap twice
Which button do I press
كيف أرسل رسالة؟
كيف يمكنني إرسال رسالة
كيف ممكن أحجز تذكرة
ازاي أبعت رسالة
إزاي أشغل النور
شلون أرسل مسج
شلون أضبط المنبه
كيف أحذف التذكير
كيف أتصل بشخص
كيف يعمل المؤقت؟
ما طريقة إرسال الرسائل
هل يمكنك إرسال الرسائل؟
هل تستطيع إجراء المكالمات
هل تعرف كيف ترسل رسالة
بتعرف تبعت رسائل؟
ماذا تستطيع أن تفعل؟
شو بتقدر تعمل
تقدر تعمل ايه
ما قدراتك
هل أرسلت الرسالة؟
هل حجزت الطاولة
هل اتصلت بسارة؟
بعت الرسالة؟
حجزت ولا لا
أرسلتها ولا لا؟
ليش شغلت النور
لماذا أرسلت الرسالة
ماذا يحدث عندما أضغط الزر
怎么发消息？
怎么发短信
怎么给人打电话
如何设置闹钟
如何取消订单
请问怎么订机票
我怎么开灯
我该怎么删除提醒
怎么打开空调
计时器怎么用？
闹钟怎么设
这个怎么用
你会发消息吗
你会打电话吗？
你会不会发短信
能打电话吗
可以发短信吗？
能不能发消息
你能做什么
你会什么吗
你有什么功能
发了吗
发出去了吗？
消息发了没有
你给她发了吗
订好了吗
酒店订了吗
我是不是已经订了
按这个按钮会怎么样
你为什么关灯
这个按钮是干什么的
how would I go about moving an event to another day?
How should I go about rescheduling a meeting?
How might one go about muting notifications?
how do I go about converting currency
How would I go about turning off the lights
How would I go about logging a meal
how do I zoom in
How do I record my weight?
how do I log a meal
How do I convert currency?
How would I get you to convert money
How do I tell you to mute
How could I use you to record a video
What's the easiest way to forward a message?
What's the way to move an appointment
What's the best way of rescheduling a meeting
what do I say to convert money
What should I say to reschedule my appointment?
What would I say if I wanted to zoom in
what do I say to you to play jazz
كيف أنقل الموعد ليوم ثاني؟
كيف ممكن أغير موعد الاجتماع
كيف أحول العملات؟
كيف أطلب منك تسجيل فيديو
شو بقول لك لتطفي النور
ماذا أقول لك حتى ترسل رسالة
ايش أقول عشان أشغل الموسيقى
ما أفضل طريقة لإرسال رسالة
شلون أستخدمك في الترجمة
كيف أكبر الصورة
用你换算货币要怎么说？
想让你记账该怎么说
让你关灯应该怎么讲
想把会议改期要怎么说
怎么跟你说我要录像
怎么让你翻译
放大画面要怎么操作
怎么把会议挪到周五
怎么换算货币
说什么你才会关灯
设闹钟的口令是什么
如何挪日程
"""

RETRACTED = """
never mind
Nevermind
forget it
Forget about it.
Actually forget it
scratch that
oh never mind
no wait, never mind
on second thought
I changed my mind
ok forget it
Set a timer for ten minutes no wait, never mind
Set a timer for ten minutes, never mind
send Sara a message... actually forget it
Call Omar. No, forget it
Book a table for two, scratch that
text Sara I'm late, no, never mind
remind me at six, actually don't
Order a pizza, wait, no, cancel that
Play some music, oh never mind
turn on the lights never mind
Call mom, I changed my mind
Set an alarm for six, on second thought, no
انس الموضوع
انسى الموضوع
انس الأمر
خلاص
خلاص ما في داعي
لا خلاص
غيرت رأيي
أرسل رسالة إلى سارة، انس الموضوع
اضبط منبها الساعة السادسة، لا خلاص
ذكرني بالموعد، لا لحظة انس الأمر
اتصل بسارة، لا بلاش
احجز طاولة، غيرت رأيي
شغل النور، لا داعي
ابعت رسالة لسارة، خلاص مش لازم
算了
算了吧
当我没说
还是算了
我改主意了
没事了
给小李发短信，算了
定一个五分钟的闹钟，不用了
打电话给妈妈，等等，算了
帮我订个餐厅，还是算了吧
提醒我开会，当我没说
设个闹钟 算了
开灯，哎算了
"""

REQUESTS = """
Send Sara a message saying I'm late
Don't forget to remind me at six
Don't let me forget the milk
Do not forget to call Sara
Never let me forget my keys
Tell Sara I'm not coming
Remind me not to eat sugar
Text him don't worry
Tell Sara, I can't come
Tell Omar never mind
Text Sara forget it
Tell her to forget about it
Why don't you turn on the light
Can't you turn it on?
Would you mind calling Sara
Could you please turn on the lights
Can you send Sara a message
Can you turn on the lights?
Can you call mom for me
Can you play some music
Will you call a taxi
Stop the music
Stop the timer
Mute the tv
Cancel my appointment
Turn off the alarm
Tell Sara that Ahmed said hi
My boss asked me to call him, remind me at six
My wife says hi, send her a heart
My mom told me the code is 1234. Save it as a note
If it rains remind me to take an umbrella
If it rains, close the windows
If I'm not up by six, call me
If you could turn on the lights please
I was wondering if you could call Sara
I might be late, tell Sara
I could use some light
I'd like to order a pizza
I want you to call Sara
I wanted to ask what the weather is
How do I get to the station?
How much is a ticket?
How many people live in Egypt
How do you say thank you in Arabic?
How do I say don't worry in Chinese?
How far is the moon
How is the weather
How do I boil an egg?
How do I calculate the area of a circle?
How does photosynthesis work?
How do I look up a word
How do I play chess
How does a jet engine work
Do you know how to boil an egg
What would happen if the sun disappeared?
What happens if I mix bleach and vinegar?
If I buy 3 apples at 2 dollars, how much do I pay
Should I take an umbrella?
Did you know that cats sleep a lot?
Don't you know why the sky is blue?
Don't I have a meeting at five?
Do not disturb until six
Do I have an alarm set?
Is the door locked?
Are the lights on?
Who said to be or not to be?
What did she say?
What does my calendar say
Where is the nearest pharmacy
Never mind, call Sara
Forget it, call Ali instead
Set a timer for five no wait ten minutes
Hey lamha, set a timer
I don't know what to cook
Pretend you are a pirate
Imagine a dragon
Say I'm sorry to Ali
Translate he said hello into Arabic
Open Simon Says
Play Don't Stop Believin'
Let it snow by Dean Martin
What is a star?
Nevertheless, what is a star?
I'm cold
I can't sleep, play rain sounds
I don't want to be disturbed, turn on airplane mode
I don't want to forget my keys
أرسل رسالة إلى سارة
لا تنس أن تذكرني
لا تنسى تذكرني
ما تنساش تفكرني
متنساش تكلم ماما
لا تدعني أنسى الموعد
قل لسارة إنني لن آتي
قل لسارة لا تقلقي
ذكرني ألا أتأخر
ابعتلي تاكسي لو سمحت
لو سمحت شغل النور
لو ممكن تشغل النور
إذا أمطرت ذكرني بالمظلة
ممكن تتصل بسارة؟
هل يمكنك إرسال رسالة إلى سارة
هل تستطيع أن تشغل النور؟
تقدر تكلم ماما
بدي أحجز طاولة
عايز أطلب بيتزا
أبغى أحجز فندق
كيف أصل إلى المحطة؟
كيف الطقس
كيف الطقس اليوم؟
كيف حالك
كيف أقول شكرا بالإنجليزية؟
كيف أسلق البيض
ما تاريخ اليوم
ما ترجمة كلمة كتاب
ما عاصمة فرنسا
ماذا قال أحمد
كم الساعة
وقف الموسيقى
أوقف المؤقت
ألغ الموعد
أخبرني بتذكيراتي
أخبرني كم الساعة
قولي لعمر نحن ننتظر
خبرني عن الطقس
طلب مني مديري أن أتصل به، ذكرني الساعة السادسة
مش قادر أنام، شغل موسيقى
انس الموضوع واتصل بسارة
هل ستمطر غدا؟
متى موعدي
طفي النور
给莎拉发短信
别忘了提醒我
不要忘了给妈妈打电话
别让我忘了周五看牙医
请别忘了叫我起床
说我不来
告诉小李我不来了
告诉小李别等我
跟妈妈说不用等我
告诉小李算了
提醒我别忘了带伞
提醒我不要喝咖啡
怎么不开灯
你能帮我开灯吗
能不能帮我订个餐厅
可以帮我打电话吗
你可以给莎拉发消息吗
能开灯吗
能播放音乐吗
可不可以把灯打开
明天早上叫我起床
六点叫我
明天让我早点起
如果下雨提醒我带伞
如果明天下雨怎么办
怎么走
火车站怎么走
谢谢用英语怎么说
别担心用英语怎么说
怎么做蛋糕
怎么煮鸡蛋
天气怎么样
今天天气如何
现在几点
他说什么
取消闹钟
关灯
停止播放
把音乐关掉
别人送的礼物怎么处理
特别关注天气
你好，请开灯
老板让我给他打电话，六点提醒我
我可能会迟到，告诉莎拉
今天不用上班，帮我关掉闹钟
算了，打给小李
下雨了吗
我要订机票
我想听歌
How would I go about cooking a turkey?
How do I convert 5 miles to kilometres?
how do I log into my bank account
what's the best way to cook rice
what do I say to my boss
What's the best way to get to the airport
yesterday's weather
My boss asked if I was coming, text him yes
My son asked how far the moon is
who asked if the shop is open
Ask Sara if she turned off the lights
Last night Sara asked if I'd paid, remind me to pay at six
I asked if you could turn on the lights
tell him don't worry
Tell Sara the party is off, don't come
I need to text Ali, don't wait for me
note to self, don't buy milk
leave the lights on
the lights, leave them on
Cancel the alarm, I don't want to wake up early
Dim the lights, don't turn them off
The keys, don't let me forget them
If I put 5000 dollars away at 4 percent a year for ten years, what do I end up with?
If I save 200 a month how much do I have after a year
Suppose I invest 1000 at 5 percent, how much is it after three years?
Let's say I drive 60 miles an hour for three hours, how far do I get?
If I paid 30 for 4 tickets, what's the price of one?
If we had bought ten shares in 2010, how much would we have now
إذا وضعت 5000 دولار بفائدة 4 بالمئة كم يصير عندي بعد عشر سنين
لو حطيت ألف ريال كل شهر كم أجمع بعد سنة
إذا دفعت 30 على أربع تذاكر، كم سعر التذكرة
لو وفرت مئة كل أسبوع، كم المجموع بعد سنة
كيف أحول 5 أميال إلى كيلومتر
ذكرني لا تنسى تشتري حليب
قل له لا تقلق
قولي لسارة الرسالة لا ترسلها
ممكن تقول لسارة لا تنتظرها
سألني ابني كم يبعد القمر
امبارح قالت لي أمي أشتري خبز، ذكرني الساعة ستة
خلي النور شغال
النور خليه شغال
المفاتيح لا تنساها
اسألني سؤالا
أضف حليب وسكر
提醒我不要忘了
告诉他别担心
提醒不要喝咖啡
记一下不要买牛奶
点一份牛肉面不要辣
订杯奶茶别加糖
一杯拿铁不要加糖
周五提醒我开会
周末叫我起床
马上提醒我吃药
医生上次建议我每天记一下体重，帮我设个提醒
儿子问我月亮离我们有多远
今天早上王阿姨提醒我的事记一下
如果我每月存两千，一年后是多少
如果我存五千块年利率百分之四十年后有多少钱
假设我有一百块，花了三十，还剩多少
要是我每天走一万步要多久能瘦
如果我现在出发几点能到
给老板发消息请假该怎么说
怎么换算英里和公里
关灯别关空调
客厅的灯要不要关
这个别墅多少钱
"""

TABLES: dict[Mood, str] = {
    "negated": NEGATED,
    "reported": REPORTED,
    "hypothetical": HYPOTHETICAL,
    "about": ABOUT,
    "retracted": RETRACTED,
    "request": REQUESTS,
}


@pytest.mark.parametrize(
    ("text", "meant"),
    [(text, meant) for meant, table in TABLES.items() for text in table.strip().splitlines()],
)
def test_a_mood(text: str, meant: Mood) -> None:
    assert mood(text) == meant


@pytest.mark.parametrize("text", ["", " ", "\u200f", "?!", "\x00", "🙂"])
def test_nothing_said_is_a_request(text: str) -> None:
    assert mood(text) == "request"


@pytest.mark.parametrize(
    "text", ["\u200fلا\u200e ترسـل", "لا\u00a0تُرسِل", "DON’T  SEND", "ｄｏｎ'ｔ send it", "别\u200b发"]
)
def test_marks_and_width_do_not_matter(text: str) -> None:
    assert mood(text) == "negated"


def test_a_pattern_may_be_written_in_full() -> None:
    assert pattern("@ar.start _ إلى").pattern.count("إ") == 0
    assert re.fullmatch(pattern("قائمة"), heard("قَائِمَة"))


@given(st.text())
def test_it_never_raises(text: str) -> None:
    assert mood(text) in TABLES


@given(st.lists(st.sampled_from([*(NEGATED + REPORTED + ABOUT + RETRACTED + REQUESTS).split(), ",", "."])))
def test_it_never_raises_on_its_own_words(words: list[str]) -> None:
    assert mood(" ".join(words)) in TABLES


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "don't ",
            "hey ",
            "hey please ",
            "a ",
            "if i ",
            "she said ",
            "my my ",
            "how do i ",
            "turn the ",
            "never mind ",
        ),
        *(
            "لا ",
            "و",
            "ال",
            "كيف ",
            "قال ",
            "别",
            "不",
            "我",
            "小",
            "怎么",
            "他说",
            "了吗",
            "算了",
            "嗯",
            "他刚刚",
            "刚刚",
            "昨天",
            "the light, ",
            "last night ",
            "how much ",
            "if how much ",
            "النور، ",
            "امبارح ",
            "سألني ",
            "no. ",
            "我想让你",
            "灯的",
            "不用",
            "如果",
        ),
        *(", ", " ", "1,", "?", "(", "\u200f", "🙂", "\x00"),
    ],
)
def test_it_is_fast(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    started = time.process_time()
    mood(text)
    mood(text + " x")
    assert time.process_time() - started < 0.5
