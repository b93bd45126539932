//! Words that say little about who a party is. Our own tables; all in normalised form.

/// Legal forms, each line a canonical form and the words or phrases that mean it. One canonical
/// form per legal idea, so that `OOO X` and `X LLC` agree.
pub(crate) const LEGAL_FORMS: &str = "\
ltd: limited|ltda|limitada|pvt|private limited|limited company
co: company|cia|compania|companhia|compagnie|cie|kompaniya
inc: incorporated
corp: corporation|corporacion|korporatsiya
llc: limited liability company|limited liability partnership|ooo|tov|llp|obshchestvo s ogranichennoi otvetstvennostyu|obshchestvo s ogranichennoy otvetstvennostyu|fz llc|wll|spol s r o|sro|doo|d o o
jsc: joint stock company|ao|aktsionernoe obshchestvo|aktsionernoye obshchestvo|a s
ojsc: open joint stock company|oao|otkrytoe aktsionernoe obshchestvo|otkrytoye aktsionernoye obshchestvo
cjsc: closed joint stock company|zao|zakrytoe aktsionernoe obshchestvo|zakrytoye aktsionernoye obshchestvo
pjsc: public joint stock company|pao|publichnoe aktsionernoe obshchestvo|publichnoye aktsionernoye obshchestvo
plc: public limited company
gmbh: gesellschaft mit beschrankter haftung|mbh
ag: aktiengesellschaft
kg: kommanditgesellschaft
sa: societe anonyme|sociedad anonima|sociedade anonima|s a
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
kk: kabushiki kaisha|kabushiki gaisha|株式会社|株
yk: yugen kaisha|有限会社
kr jusikhoesa: jusik hoesa|jusikhoesa|chusik hoesa|chusikhoesa|주식회사|주
kr yuhanhoesa: yuhan hoesa|yuhanhoesa|유한회사
cn youxian: youxian gongsi|有限公司|有限责任公司|有限責任公司|股份有限公司";

/// Articles, prepositions and conjunctions.
pub(crate) const STOP_WORDS: &str = "\
the of and for to de del della dei di da dos das la le les los las el et und der die des du van von zu";

/// Titles and forms of address.
pub(crate) const HONORIFICS: &str = "\
mr mrs ms miss dr prof professor sir lord lady sheikh shaykh shaikh sheik haji hajji hadji hajj \
mullah mulla maulavi mawlawi maulana ayatollah gen colonel col major maj \
captain capt lieutenant lt brigadier admiral president minister dona herr frau";

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
pub(crate) const PATRONYMIC: &[&str] = &["bin", "ibn", "ben", "bint", "binti"];

/// Legal forms that scripts without spaces write onto the name, longest first.
pub(crate) const ATTACHED: &[&str] = &[
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "株式会社",
    "有限会社",
    "주식회사",
    "유한회사",
];
