//! Words that say little about who a party is (legal forms and other phrases: `data/phrases.txt`). Our own tables; all in normalised form.

/// Articles, prepositions and conjunctions.
pub(crate) const STOP_WORDS: &str = "\
the of and for to de del della dei di da dos das la le les los las el et und der die des du van von zu \
al el ul bin ibn ben bint binti та для по из від των του της και το من في بن ابن بنت \
на за от при над под со или что как къ към срещу като чрез със във або між від aux sur par pour dans para por contra sobre \
con com fur zum zur dem den auf aus het een voor met door aan bij dla pro pri pentru och vid till det agus ghal nel nella dello \
degli delle della alla agli για στην";

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
    "责任有限公司",
    "股份有限公司",
    "股份公司",
    "合資会社",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "合営会社",
    "合弁会社",
    "합영회사",
    "합작회사",
    "주식회사",
    "유한회사",
    "합자회사",
    "유한책임회사",
    "会社",
    "회사",
    "공사",
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
金华 三明 淄博 富阳 台州 湖州 衢州 舟山 丽水 盐城 淮安 连云港 泰州 镇江 宿迁 昆山 太仓 江阴 宜兴 常熟 张家港 义乌 慈溪 余姚 \
海宁 漳州 莆田 龙岩 宁德 南平 九江 赣州 宜春 上饶 景德镇 济宁 泰安 德州 聊城 临沂 日照 东营 枣庄 滨州 菏泽 莱芜 开封 安阳 \
新乡 焦作 许昌 南阳 商丘 周口 襄阳 荆州 黄石 十堰 孝感 岳阳 衡阳 常德 郴州 江门 湛江 茂名 肇庆 清远 潮州 揭阳 韶关 河源 \
梅州 柳州 北海 梧州 德阳 宜宾 泸州 自贡 攀枝花 乐山 内江 曲靖 玉溪 大理 汉中 榆林 天水 嘉峪关 四平 延吉 牡丹江 佳木斯 \
抚顺 本溪 营口 盘锦 葫芦岛 大同 阳泉 长治 临汾 运城 邢台 沧州 廊坊 张家口 承德 衡水 克拉玛依 喀什 平壤 平壌 新義州 咸興 清津 元山 南浦 開城 \
海淀 昌平 丰台 顺义 浦东 闵行 嘉定 松江 青浦 奉贤 徐汇 静安 滨海 武清 余杭 萧山 富阳 临安 顺德 番禺 花都 黄埔 宝安 龙岗 龙华 \
福田 罗湖 坪山 江宁 江北 渝北 武昌 汉口 汉阳 东湖 长沙 雄安 横琴 前海 亦庄 中关村 张江 临港 奉化 象山 瑞安 乐清 永康 东阳 诸暨 \
海盐 桐乡 平湖 嘉善 长兴 德清 安吉 靖江 丹阳 句容 仪征 泰兴 如皋 海安 启东 海门 太湖 昆明 大冶 宜都 枝江 仙桃 潜江 天门 咸宁 黄冈 \
随州 恩施 荆门 鄂州 娄底 邵阳 益阳 永州 怀化 湘西 钦州 玉林 百色 贵港 河池 万宁 儋州 达州 遂宁 南充 广元 巴中 眉山 雅安 六盘水 \
安顺 铜仁 毕节 昭通 丽江 普洱 红河 铜川 渭南 延安 安康 商洛 酒泉 张掖 武威 白银 平凉 定西 石嘴山 吴忠 固原 中卫 昌吉 伊犁 哈密 \
吐鲁番 石河子 阿克苏 库尔勒 和田 鄂尔多斯 赤峰 通辽 呼伦贝尔 乌海 巴彦淖尔 铁岭 朝阳 阜新 辽阳 白山 松原 白城 通化 辽源 鸡西 \
鹤岗 双鸭山 伊春 七台河 黑河 绥化 晋城 朔州 晋中 忻州 吕梁 涿州 三河 霸州 黄骅 定州 辛集 濮阳 漯河 三门峡 信阳 驻马店 鹤壁 平顶山 \
济源 巩义 长葛 淮北 淮南 蚌埠 马鞍山 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城 萍乡 新余 鹰潭 吉安 抚州 晋江 石狮 南安 \
福清 龙海 威海 荣成 莱州 龙口 招远 寿光 诸城 高密 胶州 即墨 平度 莱西 章丘 滕州 邹城 台中 台南 新竹 桃园 新北 基隆 嘉义 彰化 屏东 \
鄂州 九龙 新界 包头 \
포항 수원 창원 울릉 신포 해주 안산 안양 성남 용인 부천 화성 평택 시흥 김포 파주 구미 경주 김해 거제 진주 통영 여수 순천 목포 군산 \
전주 익산 청주 충주 천안 아산 당진 서산 춘천 원주 강릉 東京 大阪 京都 横浜 名古屋 神戸 福岡 札幌";

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

/// Japanese and rarer traditional forms of Han characters, each with its simplified Chinese one, where
/// the tables of Unihan do not give it.
pub(crate) const SHINJITAI: &str = "\
発发 総总 鉄铁 営营 図图 気气 経经 済济 鉱矿 広广 関关 対对 専专 団团 囲围 価价 伝传 処处 効效 厳严 塩盐 実实 従从 径径 恵惠 \
拡扩 拠据 択择 栄荣 桜樱 楽乐 歩步 残残 浄净 浜滨 渓溪 滝泷 沢泽 竜龙 縄绳 続续 継继 緑绿 聴听 芸艺 蔵藏 読读 転转 軽轻 \
釈释 鋳铸 隣邻 雑杂 霊灵 頼赖 顕显 駅驿 駆驱 黒黑 齢龄 剤剂 両两 亜亚 帯带 壊坏 徳德 弾弹 証证 産产 庁厅 収收 圏圈 増增 \
売卖 宝宝 寿寿 将将 巣巢 廃废 悪恶 捜搜 掲揭 摂摄 暁晓 条条 来来 権权 欠欠 欧欧 歳岁 浅浅 満满 焼烧 献献 粛肃 糸丝 絵绘 \
縁缘 縦纵 脳脑 臓脏 荘庄 蛍萤 蛮蛮 覚觉 覧览 観观 触触 訳译 誉誉 豊丰 践践 醸酿 銭钱 険险 検检 験验 圧压 変变 戦战 単单 \
労劳 薬药 県县 辺边 応应 仏佛 仮假 倹俭 児儿 剰剩 剣剑 励励 勧劝 参参 双双 叙叙 嘱嘱 堕堕 学学 会会 国国 医医 区区 号号 \
斎斋 戸户 隠隐 陥陷 随随 静静 頻频 飲饮 騒骚 髄髓 鶏鸡 麦麦 黙默 点点 当当 党党 台台 写写 乱乱 争争 体体 余余 予预 万万 \
与与 旧旧 虫虫 礼礼 稲稻 穂穗 窓窗 称称 秘秘 砕碎 瑶瑶 畳叠 痩瘦 炉炉 灯灯 毎每 氷冰 渇渇 湿湿 湾湾 潜潜 沿沿 枢枢 \
査查 弐贰 壱一 覇霸 譲让 謡谣 賛赞 辞辞 遅迟 遥遥 酔醉 銃铳 録录 錬炼 鎮镇 閲阅 闘斗 雲云 館馆 餅饼 髪发 魚鱼 鷗鸥 鶴鹤 \
黄黄 歯齿 亀龟 舎舍 敷敷 慎慎 概概 層层 属属 岳岳 峡峡 峰峰 嶋岛 島岛 崎崎 嵜崎 塚冢 姉姊 嬢娘 壌壤 塁垒 堅坚 喫吃 器器 \
勲勋 勤勤 匂味 化化 収收 疎疏 聖圣 職职 蚕蚕 製制 複复 計计 設设 討讨 論论 護护 貨货 販贩 貿贸 輸输 運运 連连 遠远 選选 \
銀银 鋼钢 錦锦 長长 門门 開开 電电 陽阳 際际 飛飞 馬马 鮮鲜 鳥鸟 鴨鸭 麗丽 龍龙 儀仪 機机 軍军 車车 進进 動动 業业 衛卫 \
備备 兵兵 億亿 創创 労劳 務务 協协 場场 報报 東东 構构 標标 橋桥 海海 無无 熱热 環环 綾绫 統统 網网 線线 織织 義义 羅罗 \
聯联 興兴 華华 葉叶 蓮莲 術术 製制 謀谋 誠诚 諸诸 責责 資资 質质 農农 郷乡 鋁铝 鎢钨 隊队 陳陈 雑杂 電电 響响 頭头 領领 類类 顧顾 風风 験验 鹸碱 齊齐 斉齐 \
蘭兰 瀋沈 厰厂 歓欢 鎭镇 繊纤 舗铺 裏里 裡里 衆众 佈布 兇凶 滙汇 啓启 昇升 淨净 爲为 砲炮 祐佑 買买 週周 鉅巨 鍾钟 鑽钻 錶表 \
矽硅 嶌岛 邉边 濵滨 髙高 勳勋 鋭锐 説说 佔占 巖岩 嶽岳 徵征 復复";
