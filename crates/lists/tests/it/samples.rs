//! Small files of our own, one party each.

use concord_lists::{Format, ListError, ReadOptions, Reading, SourceFile, read};

pub const CLASSIC: &str = r#"<?xml version="1.0"?>
<sdnList xmlns="http://tempuri.org/sdnList.xsd">
<publshInformation><Publish_Date>03/28/2025</Publish_Date><Record_Count>1</Record_Count></publshInformation>
<sdnEntry><uid>7</uid><firstName>Ann</firstName><lastName>EXAMPLE</lastName><sdnType>Individual</sdnType>
<programList><program>SDGT</program></programList>
<akaList><aka><uid>8</uid><type>a.k.a.</type><category>weak</category><lastName>ANN</lastName></aka></akaList>
<dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1954</dateOfBirth></dateOfBirthItem></dateOfBirthList>
<idList><id><idType>Passport</idType><idNumber>A1</idNumber><idCountry>Somalia</idCountry></id></idList>
</sdnEntry></sdnList>
"#;

pub const ENHANCED: &str = r#"<sanctionsData xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ENHANCED_XML">
<publicationInfo><dataAsOf>2025-01-10T00:00:00</dataAsOf><filters><sanctionsLists><sanctionsList refId="1">SDN List</sanctionsList></sanctionsLists></filters></publicationInfo>
<entities><entity id="7"><generalInfo><entityType refId="600">Individual</entityType></generalInfo>
<sanctionsPrograms><sanctionsProgram>SDGT</sanctionsProgram></sanctionsPrograms>
<names><name id="1"><isPrimary>true</isPrimary><isLowQuality>false</isLowQuality><translations><translation><isPrimary>true</isPrimary><formattedFullName>EXAMPLE, Ann</formattedFullName></translation></translations></name>
<name id="2"><isPrimary>false</isPrimary><isLowQuality>true</isLowQuality><translations><translation><isPrimary>true</isPrimary><formattedFullName>ANN</formattedFullName></translation></translations></name></names>
<features><feature><type>Birthdate</type><value>circa 1954</value></feature></features>
<identityDocuments><identityDocument><type>Passport</type><documentNumber>A1</documentNumber><issuingCountry>Somalia</issuingCountry></identityDocument></identityDocuments>
</entity></entities></sanctionsData>
"#;

pub const UN: &str = r#"<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS><INDIVIDUAL>
<DATAID>1</DATAID><FIRST_NAME>ANN</FIRST_NAME><SECOND_NAME>EXAMPLE</SECOND_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>
<REFERENCE_NUMBER>CDi.001</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Annie &amp; Co</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1957</FROM_YEAR><TO_YEAR>1960</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
</INDIVIDUAL></INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>
"#;

pub const EU: &str = r#"<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2020-04-15T15:29:22">
<sanctionEntity euReferenceNumber="EU.1.2" logicalId="5"><regulation programme="TAQA" numberTitle="2019/555 (OJ L97)"/>
<subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Ann Example" strong="true"/><nameAlias wholeName="Annie" strong="false"/>
<birthdate circa="false" birthdate="1958-02-22"/><citizenship countryIso2Code="DZ"/></sanctionEntity></export>
"#;

pub const EU_LINES: &str = concat!(
    r#"{"eu_reference_number":"EU.1.2","subject_type":{"code":"person"},"name_aliases":[{"whole_name":"Ann Example","strong":true},{"whole_name":"Annie","strong":false}],"citizenships":[{"country_iso2_code":"DZ"}],"birthdates":[{"circa":false,"birthdate":"1958-02-22"}],"regulations":[{"programme":"TAQA","number_title":"2019/555 (OJ L97)"}]}"#,
    "\n"
);

pub const FTM: &str = concat!(
    r#"{"id":"X-1","caption":"Ann Example","schema":"Person","properties":{"name":["Ann Example","안 예시"],"weakAlias":["Annie"],"birthDate":["1954"],"nationality":["kr"]},"datasets":["d"]}"#,
    "\n",
    r#"{"id":"X-2","caption":"P","schema":"Passport","properties":{"holder":["X-1"],"number":["A1"],"country":["so"]}}"#,
    "\n"
);

pub const CSL_JSON: &str = r#"{"total":1,
"results":[{"id":"a1","source":"Entity List (EL) - Bureau of Industry and Security","name":"Example Ltd","type":null,
"alt_names":["Sample Ltd"],"addresses":[{"address":"1 Road","city":"Town","country":"CN"}],"programs":[],
"license_policy":"Presumption of denial.","ids":[]}]}
"#;

pub const REDUCED: &str = r#"{"entryCount":1,"tables":{"sources":["Entity List (EL) - Bureau of Industry and Security"],"licencePolicies":["Presumption of denial."]},
"entries":[{"n":"Example Ltd","a":["Sample Ltd"],"s":0,"c":["CN"],"lp":0}]}
"#;

pub const UK_XML: &str = r#"<Designations><DateGenerated>13/05/2026</DateGenerated><Designation><UniqueID>AFG0001</UniqueID>
<Names><Name><Name1>Ann</Name1><Name6>EXAMPLE</Name6><NameType>Primary Name</NameType></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>안 예시</NameNonLatinScript></NonLatinName></NonLatinNames>
<RegimeName>Example</RegimeName><IndividualEntityShip>Individual</IndividualEntityShip>
<IndividualDetails><Individual><DOBs><DOB>dd/mm/1958</DOB></DOBs></Individual></IndividualDetails></Designation></Designations>
"#;

pub const SEMA: &str = "<data-set><record><Country>Russia / Russie</Country><LastName>EXAMPLE</LastName>\
<GivenName>Ann</GivenName><DateOfBirthOrShipBuildDate>1963 or 1964</DateOfBirthOrShipBuildDate>\
<Aliases>Анна Пример; Annie</Aliases><Schedule>1</Schedule><Item>2</Item>\
<DateOfListing>2022-02-24</DateOfListing></record></data-set>\n";

pub const DPL: &str = "Name\tStreet_Address\tCity\tState\tCountry\tPostal_Code\tEffective_Date\tExpiration_Date\tStandard_Order\tLast_Update\tAction\tFR_Citation\n\
ANN EXAMPLE\t1 ROAD\tTOWN\tTX\tUS\t75159\t06/19/2003\t06/29/2056\tY\t2007-01-31\tNEW\t68 F.R. 1\n\
ANN EXAMPLE\t2 ROAD\tTOWN\tTX\tUS\t75159\t06/19/2003\t06/29/2056\tY\t2007-01-31\tNEW\t68 F.R. 1\n";

pub const UVL: &str = "COUNTRY,NAME,ADDRESS,,\r\nHong Kong,\"Example, a.k.a. Sample\",1 Road,,\r\nHong Kong,\"Example, a.k.a. Sample\",2 Road\r\n";

pub const OFSI: &str = "Last Updated,27/04/2020,,,,,,,,,\n\
Name 6,Name 1,Name Non-Latin Script,DOB,Nationality,Group Type,Alias Type,Alias Quality,Regime,Listed On,Group ID\n\
EXAMPLE,Annie,,00/04/1984,Russia,Individual,AKA,Low,Example,24/03/2007,9\n\
EXAMPLE,Ann,안 예시,00/04/1984,Russia,Individual,Prime Alias,,Example,24/03/2007,9\n";

pub const UK_CSV: &str = "Report Date: 13-Feb-2026\n\
Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name type,Alias strength,Name non-latin script,Regime Name,Designation Type,Address Line 1,Address Country,Date Designated,D.O.B,Nationality(/ies),Passport number,Gender,IMO number,Hull identification number (HIN)\n\
12/01/2022,AFG0001,7,,EXAMPLE,Ann,Primary Name,,안 예시,Example,Individual,1 Road,Russia,24/03/2007,dd/mm/1958,Russia,A1,Female,,\n\
12/01/2022,AFG0001,7,,EXAMPLE,Anna,Primary Name Variation,,,Example,Individual,1 Road,Russia,24/03/2007,dd/mm/1958,Russia,A1,Female,,\n\
12/01/2022,AFG0001,7,,,Annie,Alias,Low quality AKA,,Example,Individual,1 Road,Russia,24/03/2007,dd/mm/1958,Russia,A1,Female,,\n";

pub const CSL: &str = "source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,places_of_birth,source_information_url,ids\n\
Specially Designated Nationals (SDN) - Treasury Department,7,Individual,SDGT,\"EXAMPLE, Ann\",,\"1 Road, Town, SO\",,,,,,,,,,,,,,,Annie,,1958,,,https://example.org,\"SO, A1, Passport; Female, Gender\"\n";

pub const EL: &str = "Country,Entity,License Requirement,License Review Policy,Federal Register Citation\r\n\
China,\"Example Ltd., a.k.a. Sample\",For all items,Presumption of denial,84 FR 1\r\n";

pub const OWN: &str = "party_id,list,type,name,aliases,countries,births,gender\n\
p1,kr_party_of_concern,person,Ann Example,안 예시,KR,1958-02-22,female\n";

pub const EU_CSV: &str = "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_NumberTitle;Entity_Regulation_Programme;NameAlias_WholeName;NameAlias_Gender;BirthDate_BirthDate;BirthDate_Circa;Citizenship_CountryIso2Code;Identification_Number;Identification_TypeDescription\r\n\
22/09/2026;5;EU.1.2;P;person;2019/555 (OJ L97);TAQA;Ann Example;F;;;;;\r\n\
22/09/2026;5;EU.1.2;P;person;2019/555 (OJ L97);TAQA;;;1958-02-22;false;;;\r\n\
22/09/2026;5;EU.1.2;P;person;2019/555 (OJ L97);TAQA;;;;;DZ;A1;Passport\r\n";

/// File name, format, content: one party each, with a name `Ann…` or `Example…`.
pub const SAMPLES: [(&str, Format, &str); 18] = [
    ("sdn.xml", Format::OfacSdnXml, CLASSIC),
    ("sdn_enhanced.xml", Format::OfacSdnEnhancedXml, ENHANCED),
    ("un.xml", Format::UnScXml, UN),
    ("eu.xml", Format::EuFsfXml, EU),
    ("eu.csv", Format::EuFsfCsv, EU_CSV),
    ("eu.jsonl", Format::EuFsfJsonl, EU_LINES),
    ("entities.ftm.json", Format::OpenSanctionsJsonl, FTM),
    ("csl.json", Format::UsCslJson, CSL_JSON),
    ("reduced.json", Format::UsCslReducedJson, REDUCED),
    ("uk.xml", Format::UkSanctionsListXml, UK_XML),
    ("sema.xml", Format::CaSemaXml, SEMA),
    ("dpl.txt", Format::BisDplTxt, DPL),
    ("uvl.csv", Format::BisUnverifiedCsv, UVL),
    ("ConList.csv", Format::UkOfsiCsv, OFSI),
    ("uk.csv", Format::UkSanctionsListCsv, UK_CSV),
    ("csl.csv", Format::UsCslCsv, CSL),
    ("el.csv", Format::BisEntityListCsv, EL),
    ("own.csv", Format::OwnCsv, OWN),
];

/// Whether a format has a record on each line, so that whole lines are whole records.
pub fn by_lines(format: Format) -> bool {
    !matches!(
        format,
        Format::OfacSdnXml
            | Format::OfacSdnEnhancedXml
            | Format::UnScXml
            | Format::EuFsfXml
            | Format::UsCslJson
            | Format::UsCslReducedJson
            | Format::UkSanctionsListXml
            | Format::CaSemaXml
    )
}

pub fn sample(name: &str) -> &'static str {
    SAMPLES.iter().find(|(n, ..)| *n == name).unwrap().2
}

pub fn one(name: &str, bytes: &[u8]) -> Result<Reading, ListError> {
    read(&[SourceFile { name, bytes }], &ReadOptions::default())
}

/// A zip archive of these files; those whose names begin with `=` are stored, the others compressed.
pub fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = if name.starts_with('=') {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        archive
            .start_file(name.trim_start_matches('='), options)
            .unwrap();
        std::io::Write::write_all(&mut archive, content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook of one sheet with these cells.
pub fn workbook(cells: &str, padding: usize) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    archive(&[
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            )
            .into_bytes(),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
            )
            .into_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            )
            .into_bytes(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>"#)
                .into_bytes(),
        ),
        ("padding", vec![b' '; padding]),
    ])
}

/// Japan's list with one party, and more rows.
pub fn japan(more: &str, padding: usize) -> Vec<u8> {
    let header = [
        "No.",
        "Country or Region",
        "Company or Organization",
        "Also Known As",
        "Type of WMD",
    ];
    let header = header.iter().zip(["A1", "B1", "C1", "D1", "E1"]);
    let header: String = header.map(|(text, at)| cell(at, text)).collect();
    let row = format!(
        r#"<row r="1">{header}</row><row r="2">{}{}</row>{more}"#,
        cell("A2", "1"),
        cell("C2", "Example")
    );
    workbook(&row, padding)
}

pub fn cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

/// An OpenDocument spreadsheet whose first sheet has the rows of `csv` (no quotes in it) and `more`
/// after them; a second sheet follows.
pub fn spreadsheet(csv: &str, more: &str) -> Vec<u8> {
    let cells = |line: &str| -> String {
        let cells = line.split(',').map(|text| match text {
            "" => "<table:table-cell/>".to_owned(),
            text => format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>"),
        });
        format!(
            "<table:table-row>{}<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>",
            cells.collect::<String>()
        )
    };
    let rows: String = csv.lines().map(cells).collect();
    let content = format!(
        r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet><table:table table:name="List">{rows}{more}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table><table:table table:name="Notes"><table:table-row><table:table-cell><text:p>a note</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        (
            "=mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet".to_vec(),
        ),
        ("content.xml", content.into_bytes()),
    ])
}
