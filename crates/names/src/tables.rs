//! Words that say little about who a party is. Our own tables; all in normalised form.

/// Legal forms, each line a canonical form and the words or phrases that mean it. One canonical
/// form per legal idea, so that `OOO X` and `X LLC` agree.
pub(crate) const LEGAL_FORMS: &str = "\
ltd: лтд|المحدودة|المحدوده|محدودة|επε|limited|ltda|limitada|pvt|private limited|limited company
co: ко|公司|회사|총회사|общество|компания|компанія|شركة|شركت|الشركة|gongsi|company|cia|compania|companhia|compagnie|cie|kompaniya
inc: incorporated
corp: 공사|총공사|总公司|корпорация|корпорации|корпорація|corporation|corporacion|korporatsiya
llc: ооо|тов|общество с ограниченнои ответственностью|товариство з обмеженою відповідальністю|limited liability company|limited liability partnership|ooo|tov|llp|obshchestvo s ogranichennoi otvetstvennostyu|obshchestvo s ogranichennoy otvetstvennostyu|fz llc|wll|spol s r o|sro|doo|d o o
jsc: ао|ат|акционерное общество|акціонерне товариство|joint stock company|ao|aktsionernoe obshchestvo|aktsionernoye obshchestvo|a s
ojsc: оао|открытое акционерное общество|open joint stock company|oao|otkrytoe aktsionernoe obshchestvo|otkrytoye aktsionernoye obshchestvo
cjsc: зао|закрытое акционерное общество|closed joint stock company|zao|zakrytoe aktsionernoe obshchestvo|zakrytoye aktsionernoye obshchestvo
pjsc: пао|пат|публичное акционерное общество|публічне акціонерне товариство|public joint stock company|pao|publichnoe aktsionernoe obshchestvo|publichnoye aktsionernoye obshchestvo
plc: public limited company
gmbh: gesellschaft mit beschrankter haftung|mbh
ag: aktiengesellschaft
kg: kommanditgesellschaft
sa: αε|ανωνυμη εταιρεια|societe anonyme|sociedad anonima|sociedade anonima|s a
sas: s a s|sociedad por acciones simplificada
sarl: s a r l|societe a responsabilite limitee
srl: s r l|societa a responsabilita limitata|s de rl|sociedad de responsabilidad limitada
spa: s p a|societa per azioni
sadecv: sa de cv|s a de c v
srldecv: s de rl de cv
bv: besloten vennootschap
nv: naamloze vennootschap
ab: aktiebolag
oy: osakeyhtio
oyj:
as: aksjeselskap|anonim sirketi
asa:
aps:
sl: sociedad limitada
slu:
eurl:
eirl:
lp:
ulc:
kft:
zrt:
nyrt:
spzoo: sp z o o
ead:
eood:
ood:
fze: free zone establishment
fzco: free zone company
fzc:
pte:
pty: proprietary
sdnbhd: sdn bhd
bhd: berhad
tbk:
pt: perseroan terbatas
co ltd: company limited|co limited|company ltd|kk|kabushiki kaisha|kabushiki gaisha|株式会社|株|yugen kaisha|有限会社|jusik hoesa|jusikhoesa|chusik hoesa|chusikhoesa|주식회사|yuhan hoesa|yuhanhoesa|유한회사|유한책임회사|youxian gongsi|有限公司|有限责任公司|有限責任公司|股份有限公司|股份公司|集团有限公司";

/// Articles, prepositions and conjunctions.
pub(crate) const STOP_WORDS: &str = "\
the of and for to de del della dei di da dos das la le les los las el et und der die des du van von zu \
al el ul bin ibn ben bint binti та для по из від των του της και το من في بن ابن بنت";

/// Titles and forms of address.
pub(crate) const HONORIFICS: &str = "\
mr mrs ms miss dr prof professor sir lord lady sheikh shaykh shaikh sheik haji hajji hadji hajj \
mullah mulla maulavi mawlawi maulana ayatollah gen colonel col major maj \
captain capt lieutenant lt brigadier admiral president minister dona herr frau الشيخ الحاج الدكتور господин генерал";

/// Words that many organisations bear.
pub(crate) const GENERIC: &str = "\
bank banco banque banka trading trade trader traders international global general import export \
imports exports industries industry industrial group holding holdings enterprise enterprises services \
service technology technologies tech engineering electronics electronic systems system solutions \
development investment investments commercial national institute research center centre university \
academy foundation organization organisation association committee ministry department office bureau \
factory plant works corporation shipping marine maritime logistics transport freight aviation airlines \
airways energy petroleum oil gas petrochemical chemical chemicals construction manufacturing products \
materials equipment machinery tools supply management consulting finance financial capital insurance \
science sciences scientific state federal";

/// Particles between a person and the person's father. What stands after one is not exchangeable
/// with what stands before it.
pub(crate) const PATRONYMIC: &[&str] = &["bin", "ibn", "ben", "bint", "binti", "بن", "ابن", "بنت"];

/// Legal forms that scripts without spaces write onto the name, longest first.
pub(crate) const ATTACHED: &[&str] = &[
    "股份有限公司",
    "股份公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "주식회사",
    "유한회사",
    "합자회사",
    "유한책임회사",
    "총회사",
    "회사",
    "총공사",
    "공사",
    "总公司",
    "公司",
];

/// Chinese provinces and cities: they end where the next word of a company's name begins. They are
/// read, not translated.
pub(crate) const PLACES: &str = "\
北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 \
陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 石家庄 太原 沈阳 大连 长春 哈尔滨 南京 苏州 无锡 常州 \
徐州 南通 扬州 杭州 宁波 温州 嘉兴 绍兴 合肥 芜湖 福州 厦门 泉州 南昌 济南 青岛 烟台 潍坊 威海 郑州 洛阳 武汉 \
宜昌 长沙 株洲 湘潭 广州 深圳 珠海 佛山 东莞 惠州 中山 汕头 南宁 桂林 海口 三亚 成都 绵阳 贵阳 遵义 昆明 拉萨 \
西安 宝鸡 咸阳 兰州 西宁 银川 乌鲁木齐 呼和浩特 包头 唐山 保定 邯郸 秦皇岛 丹东 鞍山 锦州 大庆 齐齐哈尔 台北 高雄 \
서울 부산 대구 인천 광주 대전 울산 평양 개성 남포 원산 함흥 청진 신의주 라선 나선 평안 함경 황해 강원 경기 충청 전라 경상 제주 \
포항 수원 창원 울릉 신포 해주 東京 大阪 京都 横浜 名古屋 神戸 福岡 札幌";

/// Given names and fathers' names that the Russian, Ukrainian and Belarusian languages each have a
/// form of, a name a line: whoever bears one is written in all of them.
pub(crate) const GIVEN_NAMES: &str = "\
владимир володимир уладзімір vladimir volodymyr uladzimir wladimir vladimír
владимирович володимирович уладзіміравіч vladimirovich volodymyrovych uladzimiravich vladimirovitj vladimirovic uladzimiravitj
сергеи сергіи сяргеи sergei sergey serhii serhiy siarhei sergej serhij siarhej
сергеевич сергіиович сяргеевіч sergeevich sergeyevich serhiiovych siarheevich sergejevic siarhejevitj siarhejevich
александр олександр аляксандр alexander aleksandr oleksandr aliaksandr alexandr aljaksandr aleksander
александрович олександрович аляксандравіч aleksandrovich alexandrovich oleksandrovych aliaksandravich aljaksandravitj
николаи микола мікалаи nikolai nikolay mykola mikalai nikolaj mikalaj
николаевич миколаиович мікалаевіч nikolaevich nikolayevich mykolaiovych mikalaevich nikolajevitj nikolajevic mikalajevich mykolayovych
алексеи олексіи аляксеи alexei aleksei alexey aleksey oleksii oleksiy aliaksei aleksej oleksij aljaksej
алексеевич олексіиович аляксеевіч alekseevich alexeevich alekseyevich oleksiiovych aliakseevich oleksiyovych
евгении євген яўген yevgeny evgeny evgenii yevgeniy evgeniy yevhen yauhen jevgenij evgenij jevhen
евгеньевич євгенович яўгенавіч yevgenyevich evgenievich yevhenovych evgenyevich
дмитрии дмитро дзмітрыи dmitry dmitri dmitrii dmitriy dmytro dzmitry dmitrij dzmitryj
дмитриевич дмитрович дзмітрыевіч dmitrievich dmitriyevich dmytrovych dzmitryevich
михаил михаило міхаіл mikhail mykhailo mikhailo michail mykhaylo
михаилович міхаилавіч mikhailovich mykhailovych mikhaylovich mikhailavich
игорь ігор ігар igor ihor ihar
игоревич ігорович ігаравіч igorevich ihorovych iharavich igorevitj
олег алег oleg oleh aleh
олегович алегавіч olegovich olehovych alehavich
глеб гліб gleb hlib hleb
василии василь vasily vasili vasilii vasiliy vasyl vasil vasilij
васильевич васильович васільевіч vasilievich vasilyevich vasylovych vasilevich
константин костянтин канстанцін konstantin kostiantyn kanstantsin kostyantyn
павел павло pavel pavlo
петр петро пётр пятро pyotr petr petro piotr peter
петрович пятровіч petrovich petrovych piatrovich
григории григоріи рыгор grigory grigorii grigoriy hryhorii hryhoriy ryhor grigorij
виктор віктор віктар viktor victor viktar
викторович вікторович віктаравіч viktorovich victorovich viktaravich viktorovitj
анатолии анатоліи анатоль anatoly anatolii anatoliy anatol anatolij
анатольевич анатоліиович анатолевіч анатольевіч anatolievich anatolyevich anatoliiovych anatolevich
андреи андріи andrei andrey andrii andriy andrej andrij
андреевич андріиович андрэевіч andreevich andreyevich andriiovych
юрии юріи юрыи yuri yury yurii yuriy jurij iurii jury
юрьевич юріиович юр'евіч yurievich yuryevich yuriiovych jurjevic
валерии валеріи валерыи valery valeri valerii valeriy valerij
владислав уладзіслаў vladislav uladzislau vladyslav
вячеслав вячаслаў вячеслав vyacheslav viacheslav viachaslau
елена олена алена elena yelena olena alena
екатерина катерина кацярына ekaterina yekaterina kateryna katsiaryna katerina
наталья наталия наталія наталля natalia natalya nataliya nataliia natallia natalja
татьяна тетяна таццяна tatiana tatyana tetiana tatsiana tetyana
ирина ірина ірына irina iryna
светлана світлана святлана svetlana svitlana sviatlana
артем арцём артём artem artyom artsiom arcjom artiom
кирилл кирило кірыл kirill kyrylo kiryl kirilo
иван іван ivan
иванович іванович іванавіч ivanovich ivanavich";
