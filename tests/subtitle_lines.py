"""Lines of subtitles in many languages, and the encodings that such files came in."""

# language: the encodings of old files, some lines
LINES: dict[str, tuple[tuple[str, ...], str]] = {
    "de": (
        ("cp1252", "iso8859_15", "cp850", "mac_roman"),
        "Die Fähre fährt um neun Uhr ab.|Bitte bringen Sie Ihre Fahrkarte mit.|"
        "Ich weiß nicht, wo der Schlüssel ist.|Auf Wiedersehen, schöne Grüße!",
    ),
    "fr": (
        ("cp1252", "iso8859_15", "cp850", "mac_roman"),
        "Le ferry part à neuf heures.|Où étiez-vous hier soir ?|"
        "Ça ne fait rien, j'ai déjà mangé.|C'est la fenêtre du café, là-bas.",
    ),
    "es": (
        ("cp1252", "iso8859_15", "cp850", "mac_roman"),
        "¿A qué hora sale el barco?|Mañana por la mañana, señor.|"
        "No te preocupes, aún hay tiempo.|Él está en el jardín con la niña.",
    ),
    "pt": (
        ("cp1252", "iso8859_15", "cp850", "mac_roman"),
        "O barco parte às nove horas.|Você não sabe onde está o meu irmão?|"
        "Amanhã de manhã, por favor, não se atrase.|São só três lições.",
    ),
    "it": (
        ("cp1252", "iso8859_15"),
        "Il traghetto parte alle nove.|Perché non è venuto più?|"
        "Così è la vita, papà.|La città è lontana, però andrò a piedi.",
    ),
    "sv": (
        ("cp1252", "iso8859_15", "cp850"),
        "Färjan går klockan nio.|Var är mina skor? Jag hittar dem inte.|"
        "Vi måste åka hem nu, det är för sent.|Han bor på en ö.",
    ),
    "da": (
        ("cp1252", "iso8859_15"),
        "Færgen sejler klokken ni.|Hvor er nøglen? Jeg kan ikke få døren op.|"
        "Det er på tide at gå.|Må jeg få en øl?",
    ),
    "pl": (
        ("cp1250", "iso8859_2", "cp852"),
        "Prom odpływa o dziewiątej.|Nie wiem, gdzie są klucze.|"
        "Proszę poczekać, zaraz wrócę.|Dziękuję, wszystko w porządku.",
    ),
    "cs": (
        ("cp1250", "iso8859_2", "cp852"),
        "Trajekt odjíždí v devět hodin.|Nevím, kde jsou klíče.|"
        "Prosím, počkejte chvíli, hned přijdu.|Děkuji, všechno je v pořádku.",
    ),
    "hu": (
        ("cp1250", "iso8859_2", "cp852"),
        "A komp kilenc órakor indul.|Nem tudom, hol van a kulcs.|"
        "Kérem, várjon egy kicsit, rögtön jövök.|Köszönöm, minden rendben lesz, ő is jön.",
    ),
    "ro": (
        ("cp1250", "iso8859_2"),
        "Feribotul pleacă la ora nouă.|Nu ştiu unde sunt cheile.|"
        "Vă rog să aşteptaţi, mă întorc imediat.|Mulţumesc, totul este în ordine.",
    ),
    "hr": (
        ("cp1250", "iso8859_2"),
        "Trajekt polazi u devet sati.|Ne znam gdje su ključevi.|"
        "Molim vas, pričekajte, odmah ću doći.|Laku noć, možda će sutra biti bolje, što žele?",
    ),
    "ru": (
        ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic"),
        "Паром отходит в девять.|Я не знаю, где ключи.|"
        "Подождите, пожалуйста, я сейчас вернусь.|Спасибо, всё в порядке.",
    ),
    "uk": (
        ("cp1251", "koi8_u"),
        "Пором відходить о дев'ятій.|Я не знаю, де ключі.|"
        "Зачекайте, будь ласка, я зараз повернуся.|Дякую, все гаразд, їжте.",
    ),
    "bg": (
        ("cp1251", "iso8859_5"),
        "Фериботът тръгва в девет.|Не знам къде са ключовете.|"
        "Моля, изчакайте, веднага се връщам.|Благодаря, всичко е наред.",
    ),
    "sr": (
        ("cp1251", "iso8859_5"),
        "Трајект полази у девет сати.|Не знам где су кључеви.|"
        "Молим вас, сачекајте, одмах ћу доћи.|Хвала, све је у реду.",
    ),
    "el": (
        ("cp1253", "iso8859_7"),
        "Το πλοίο φεύγει στις εννέα.|Δεν ξέρω πού είναι τα κλειδιά.|"
        "Περιμένετε, παρακαλώ, επιστρέφω αμέσως.|Ευχαριστώ, όλα είναι εντάξει.",
    ),
    "tr": (
        ("cp1254",),
        "Feribot saat dokuzda kalkıyor.|Anahtarların nerede olduğunu bilmiyorum.|"
        "Lütfen bekleyin, hemen dönüyorum.|Teşekkürler, her şey yolunda, değil mi?",
    ),
    "he": (
        ("cp1255",),
        "המעבורת יוצאת בתשע.|אני לא יודע איפה המפתחות.|חכה בבקשה, אני כבר חוזר.|תודה, הכול בסדר.",
    ),
    "ar": (
        ("cp1256", "iso8859_6"),
        "العبارة تغادر في التاسعة.|لا أعرف أين المفاتيح.|"
        "انتظر من فضلك، سأعود حالا.|شكرا، كل شيء على ما يرام.",
    ),
    "lt": (
        ("cp1257", "iso8859_13"),
        "Keltas išplaukia devintą valandą.|Nežinau, kur yra raktai.|"
        "Prašau palaukti, tuoj grįšiu.|Ačiū, viskas gerai, ąžuolai ūžia.",
    ),
    "et": (
        ("cp1257",),
        "Praam väljub kell üheksa.|Ma ei tea, kus võtmed on.|"
        "Palun oodake, ma tulen kohe tagasi.|Aitäh, kõik on korras, härra.",
    ),
    "vi": (
        ("cp1258",),
        "Phà khởi hành lúc chín giờ.|Tôi không biết chìa khóa ở đâu.|"
        "Xin hãy đợi, tôi sẽ quay lại ngay.|Cảm ơn, mọi thứ đều ổn.",
    ),
    "th": (
        ("cp874",),
        "เรือเฟอร์รี่ออกเก้าโมง|ฉันไม่รู้ว่ากุญแจอยู่ที่ไหน|กรุณารอสักครู่ เดี๋ยวฉันกลับมา|ขอบคุณ ทุกอย่างเรียบร้อยดี",
    ),
    "ja": (
        ("cp932", "euc_jp", "iso2022_jp"),
        "フェリーは九時に出ます。|鍵がどこにあるか知りません。|"
        "少々お待ちください、すぐ戻ります。|ありがとう、大丈夫です。",
    ),
    "zh": (
        ("gb18030", "gbk"),
        "渡轮九点出发。|我不知道钥匙在哪里。|请等一下，我马上回来。|谢谢，一切都很好。",
    ),
    "zh-Hant": (
        ("big5",),
        "渡輪九點出發。|我不知道鑰匙在哪裡。|請等一下，我馬上回來。|謝謝，一切都很好。",
    ),
    "ko": (
        ("cp949", "euc_kr"),
        "페리는 아홉 시에 출발합니다.|열쇠가 어디 있는지 모르겠어요.|"
        "잠시만 기다려 주세요, 곧 돌아올게요.|고마워요, 다 괜찮아요.",
    ),
}
# never looked at while the reader of encodings was written
UNSEEN: dict[str, str] = {
    "de": "Sie müssen über die Brücke gehen.|Natürlich, das Mädchen hört zu.|Weißt du es denn?",
    "fr": "Je préfère rester à la maison.|Les élèves sont très fatigués.|Voilà, c'est terminé.",
    "es": "La reunión empezará después del almuerzo.|¡Qué alegría verte aquí!|Mi corazón es tuyo.",
    "pt": "A reunião começa depois do almoço.|Não há ninguém em casa.|O coração é forte, irmã.",
    "it": "La riunione comincerà più tardi.|Chissà se verrà, è già lunedì.|Può aspettare laggiù.",
    "sv": "Mötet börjar efter lunchen.|Kan du hjälpa mig med bagaget, är du snäll?|Blåsten ökar.",
    "da": "Mødet begynder efter frokosten.|Kan du hjælpe mig?|Børnene løber på græsset.",
    "pl": "Spotkanie zacznie się później.|Kto otworzył te drzwi?|"
    "Byłem w łóżku cały dzień, śniło mi się coś.",
    "cs": "Schůzka začne až po obědě.|Kdo otevřel ty dveře?|"
    "Byl jsem celý den v posteli, měl jsem žízeň.",
    "hu": "A megbeszélés ebéd után kezdődik.|Ki nyitotta ki az ajtót?|"
    "Egész nap az ágyban feküdtem, fűtés nélkül.",
    "ro": "Şedinţa începe după prânz.|Cine a deschis uşa?|"
    "Am stat în pat toată ziua, fără să mănânc.",
    "hr": "Sastanak počinje poslije ručka.|Tko je otvorio vrata?|"
    "Cijeli dan sam ležao, već je kasno, žao mi je.",
    "ru": "Собрание начнётся после обеда.|Кто открыл дверь?|Весь день я лежал в постели.",
    "uk": "Зустріч почнеться після обіду.|Хто відчинив двері?|Увесь день я лежав у ліжку.",
    "bg": "Срещата започва след обяда.|Кой отвори вратата?|Цял ден лежах в леглото.",
    "sr": "Састанак почиње после ручка.|Ко је отворио врата?|Цео дан сам лежао у кревету.",
    "el": "Η συνάντηση αρχίζει μετά το μεσημέρι.|Ποιος άνοιξε την πόρτα;|"
    "Όλη μέρα ήμουν στο κρεβάτι.",
    "tr": "Toplantı öğleden sonra başlayacak.|Kapıyı kim açtı?|"
    "Bütün gün yataktaydım, çok yoruldum.",
    "he": "הפגישה מתחילה אחרי הצהריים.|מי פתח את הדלת?|כל היום שכבתי במיטה.",
    "ar": "يبدأ الاجتماع بعد الغداء.|من فتح الباب؟|بقيت في السرير طوال اليوم.",
    "lt": "Susitikimas prasidės po pietų.|Kas atidarė duris?|"
    "Visą dieną gulėjau lovoje, šiandien žiūrėjau filmą.",
    "et": "Koosolek algab pärast lõunat.|Kes avas ukse?|Ma olin terve päeva voodis, ära küsi.",
    "vi": "Cuộc họp bắt đầu sau bữa trưa.|Ai đã mở cửa?|Cả ngày tôi nằm trên giường.",
    "th": "การประชุมจะเริ่มหลังอาหารกลางวัน|ใครเปิดประตู|ฉันนอนอยู่บนเตียงทั้งวัน",
    "ja": "会議は昼食の後に始まります。|誰がドアを開けたのですか。|一日中ベッドで寝ていました。",
    "zh": "会议在午饭后开始。|是谁打开了门？|我整天都躺在床上。",
    "zh-Hant": "會議在午飯後開始。|是誰打開了門？|我整天都躺在床上。",
    "ko": "회의는 점심 후에 시작합니다.|누가 문을 열었습니까?|하루 종일 침대에 누워 있었어요.",
}
