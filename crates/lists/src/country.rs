//! Country codes and the country names that lists write.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// An ISO 3166-1 alpha-2 code (and `XK` for Kosovo, which lists use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// `code` (two upper-case letters) if it is assigned.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        let assigned = bytes.iter().all(u8::is_ascii_uppercase)
            && CODES
                .split_ascii_whitespace()
                .any(|c| c.as_bytes() == bytes);
        assigned.then_some(Self(bytes))
    }

    /// The country that `name` names in English, in one of the spellings lists use.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        // The table never changes; it is put in order once, since lists ask it for every address.
        static BY_NAME: LazyLock<BTreeMap<String, CountryCode>> = LazyLock::new(|| {
            NAMES
                .lines()
                .filter_map(|line| line.split_once(' '))
                .filter_map(|(code, names)| Some((CountryCode::new(code)?, names)))
                .flat_map(|(code, names)| names.split('|').map(move |n| (n.to_lowercase(), code)))
                .collect()
        });
        BY_NAME.get(&name.trim().to_lowercase()).copied()
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// ISO 3166-1 alpha-2, assigned codes, and XK.
const CODES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

// English names, with the spellings OFAC and BIS write. Regions without a code (Crimea) are absent:
// an address there has no country we could state without taking a side.
const NAMES: &str = "\
AE United Arab Emirates
AF Afghanistan|Islamic Republic of Afghanistan
AG Antigua and Barbuda
AL Albania
AM Armenia
AO Angola
AR Argentina
AT Austria
AU Australia
AW Aruba
AZ Azerbaijan
BA Bosnia and Herzegovina
BB Barbados
BD Bangladesh
BE Belgium
BF Burkina Faso
BG Bulgaria
BH Bahrain
BI Burundi
BJ Benin
BM Bermuda
BN Brunei|Brunei Darussalam
BO Bolivia|Bolivia (Plurinational State of)
BR Brazil
BS Bahamas, The|Bahamas|The Bahamas
BW Botswana
BY Belarus
BZ Belize
CA Canada
CD Congo, Democratic Republic of the|Democratic Republic of the Congo
CF Central African Republic
CG Congo, Republic of the|Republic of the Congo|Congo
CH Switzerland
CI Cote d Ivoire|Cote d'Ivoire|Ivory Coast
CK Cook Islands
CL Chile
CM Cameroon
CN China|People's Republic of China
CO Colombia
CR Costa Rica
CU Cuba
CV Cape Verde|Cabo Verde
CY Cyprus
CZ Czech Republic|Czechia
DE Germany
DJ Djibouti
DK Denmark
DM Dominica
DO Dominican Republic
DZ Algeria
EC Ecuador
EE Estonia
EG Egypt|Arab Republic of Egypt
ER Eritrea
ES Spain
ET Ethiopia
FI Finland
FJ Fiji
FR France
GA Gabon
GB United Kingdom|United Kingdom of Great Britain and Northern Ireland|Great Britain|England
GE Georgia
GG Guernsey
GH Ghana
GI Gibraltar
GM The Gambia|Gambia|Gambia, The
GN Guinea
GQ Equatorial Guinea
GR Greece
GT Guatemala
GW Guinea-Bissau
GY Guyana
HK Hong Kong|China, Hong Kong Special Administrative Region
HN Honduras
HR Croatia
HT Haiti
HU Hungary
ID Indonesia
IE Ireland
IL Israel
IM Man, Isle of|Isle of Man
IN India
IQ Iraq
IR Iran|Iran (Islamic Republic of)|Islamic Republic of Iran|Iran, Islamic Republic of
IS Iceland
IT Italy
JE Jersey
JM Jamaica
JO Jordan
JP Japan
KE Kenya
KG Kyrgyzstan
KH Cambodia
KM Comoros
KN Saint Kitts and Nevis|St. Kitts and Nevis|St. Kitts & Nevis
KP Korea, North|North Korea|Democratic People's Republic of Korea
KR Korea, South|South Korea|Republic of Korea
KW Kuwait
KY Cayman Islands
KZ Kazakhstan
LA Laos|Lao People's Democratic Republic
LB Lebanon
LI Liechtenstein
LK Sri Lanka
LR Liberia
LT Lithuania
LU Luxembourg
LV Latvia
LY Libya
MA Morocco
MC Monaco
MD Moldova|Republic of Moldova
ME Montenegro
MG Madagascar
MH Marshall Islands
MK North Macedonia, The Republic of|North Macedonia
ML Mali
MM Burma|Myanmar
MN Mongolia
MO Macau|Macao
MR Mauritania
MT Malta
MU Mauritius
MV Maldives
MW Malawi
MX Mexico
MY Malaysia
MZ Mozambique
NA Namibia
NE Niger
NG Nigeria
NI Nicaragua
NL Netherlands
NO Norway
NP Nepal
NZ New Zealand
OM Oman
PA Panama
PE Peru
PG Papua New Guinea
PH Philippines
PK Pakistan|Islamic Republic of Pakistan
PL Poland
PS Palestinian|State of Palestine|West Bank|Region: West Bank|Region: Gaza|Gaza
PT Portugal
PW Palau
PY Paraguay
QA Qatar
RO Romania
RS Serbia
RU Russia|Russian Federation|Region: Russia
RW Rwanda
SA Saudi Arabia
SC Seychelles
SD Sudan
SE Sweden
SG Singapore
SI Slovenia
SK Slovakia
SL Sierra Leone
SM San Marino
SN Senegal
SO Somalia
SR Suriname
SS South Sudan
SV El Salvador
SY Syria|Syrian Arab Republic
TD Chad
TG Togo
TH Thailand
TJ Tajikistan
TM Turkmenistan
TN Tunisia
TR Turkey|Turkiye|T\u{fc}rkiye
TT Trinidad and Tobago
TW Taiwan
TZ Tanzania|United Republic of Tanzania
UA Ukraine
UG Uganda
US United States|United States of America
UY Uruguay
UZ Uzbekistan
VC Saint Vincent and the Grenadines|St. Vincent and the Grenadines
VE Venezuela|Venezuela (Bolivarian Republic of)
VG Virgin Islands, British|British Virgin Islands
VN Vietnam|Viet Nam
VU Vanuatu
WS Samoa
XK Kosovo
YE Yemen
ZA South Africa
ZM Zambia
ZW Zimbabwe";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_assigned_code() {
        assert_eq!(CODES.split_ascii_whitespace().count(), 250);
        for line in NAMES.lines() {
            let (code, names) = line.split_once(' ').unwrap();
            for name in names.split('|') {
                assert_eq!(CountryCode::of_name(name).unwrap().as_str(), code, "{name}");
            }
        }
        assert_eq!(CountryCode::of_name("Region: Crimea"), None);
        assert_eq!(CountryCode::new("ZZ"), None);
        assert_eq!(CountryCode::new("kr"), None);
    }
}
