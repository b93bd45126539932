use super::*;

fn catalogue() -> Catalogue {
    Catalogue::load("US", None).expect("the regime files")
}

fn lists(scope: &[&str]) -> api::CompareRegimesRequest {
    api::CompareRegimesRequest {
        left: "US".to_owned(),
        right: "KR".to_owned(),
        as_of: "2026-10-01".to_owned(),
        scope: scope.iter().map(ToString::to_string).collect(),
        ..api::CompareRegimesRequest::default()
    }
}

#[test]
fn regions_come_in_pages_with_witnesses_and_burdens() {
    let catalogue = catalogue();
    let kept = Kept::default();
    let mut request = lists(&["3A001", "3B001", "3B993"]);
    let known = compare_kept(&catalogue, &kept, &request).expect("a right request");
    assert!(known.is_none());
    let whole = compare(&catalogue, &kept, &request).expect("an answer");
    assert_eq!(whole.as_of, ["2026-10-01"; 2]);
    assert_eq!(
        usize::try_from(whole.regions_in_all),
        Ok(whole.regions.len())
    );
    assert!(whole.next_page_token.is_empty() && whole.regions.len() > 6);
    for region in &whole.regions {
        let gap = ["list_scope_gap", "temporal"].contains(&region.kind.as_str());
        assert_eq!(region.witnesses.is_empty(), gap, "{region:?}");
        assert!(!region.burdens.is_empty() && region.mutual.is_some());
        assert!(["US", "KR"].contains(&region.controlled_by.as_str()));
    }
    // Every page is cut from the comparison that was made first.
    request.page_size = 4;
    let first = compare_kept(&catalogue, &kept, &request).expect("a right request");
    assert_eq!(first.expect("kept").regions, whole.regions[..4]);
    let mut regions = Vec::new();
    loop {
        let page = compare(&catalogue, &kept, &request).expect("an answer");
        assert!(page.regions.len() <= 4);
        regions.extend(page.regions);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(regions, whole.regions);
}

#[test]
fn one_list_is_compared_with_itself_at_another_date() {
    let request = api::CompareRegimesRequest {
        right: "US".to_owned(),
        as_of: "2023-10-01".to_owned(),
        right_as_of: "2024-01-01".to_owned(),
        ..lists(&["3A090"])
    };
    let answer = compare(&catalogue(), &Kept::default(), &request).expect("an answer");
    let dense = answer.regions.iter().find(|region| {
        let said = |text: &str| region.inequalities.iter().any(|part| part == text);
        said("1600 TPP <= tpp < 4800 TPP") && said("performance_density >= 5.92 TPP/mm2")
    });
    let dense = dense.expect("the rule of November 2023");
    assert_eq!(dense.controlled_by, "US@2024-01-01");
    assert!(
        dense.mutual.is_none() && dense.destinations_affected > 0,
        "{dense:?}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_with_its_field() {
    let catalogue = catalogue();
    let with = |edit: &dyn Fn(&mut api::CompareRegimesRequest)| {
        let mut request = lists(&["3A090"]);
        edit(&mut request);
        let status = compare(&catalogue, &Kept::default(), &request).expect_err("it is refused");
        let problem = Problem::from_status(&status);
        let fields: Vec<String> = problem
            .violations()
            .iter()
            .map(|(f, _)| f.clone())
            .collect();
        (problem.reason().to_owned(), fields.join(","))
    };
    let pin = |jurisdiction: &str| concord_proto::types::EditionRef {
        jurisdiction: jurisdiction.to_owned(),
        digest: "sha256:00".to_owned(),
    };
    let pair = |reason: &str, field: &str| (reason.to_owned(), field.to_owned());
    let set = |text: &str| text.to_owned();
    assert_eq!(with(&|r| r.left = set("")), pair("MISSING_FIELD", "left"));
    assert_eq!(
        with(&|r| r.right = set("JP")),
        pair("UNKNOWN_JURISDICTION", "right")
    );
    assert_eq!(
        with(&|r| r.right = set("US")),
        pair("INVALID_REQUEST", "right_as_of")
    );
    assert_eq!(
        with(&|r| r.as_of = set("2026-13-01")),
        pair("INVALID_DATE", "as_of")
    );
    assert_eq!(
        with(&|r| r.right_as_of = set("soon")),
        pair("INVALID_DATE", "right_as_of")
    );
    assert_eq!(
        with(&|r| r.scope = vec![set("x")]),
        pair("INVALID_FORMAT", "scope[0]")
    );
    assert_eq!(
        with(&|r| r.scope = vec![set("9Z999")]),
        pair("ENTRY_NOT_FOUND", "scope")
    );
    assert_eq!(
        with(&|r| (r.as_of, r.scope) = (set("2022-01-01"), vec![set("3B090")])),
        pair("ENTRY_NOT_FOUND", "scope")
    );
    assert_eq!(
        with(&|r| (r.as_of, r.scope) = (set("1950-01-01"), Vec::new())),
        pair("INVALID_DATE", "as_of")
    );
    assert_eq!(
        with(&|r| r.editions = vec![pin("KR")]).0,
        "EDITION_NOT_LOADED"
    );
    assert_eq!(
        with(&|r| r.editions = vec![pin("JP")]),
        pair("INVALID_REQUEST", "editions[0].jurisdiction")
    );
    assert_eq!(
        with(&|r| r.page_size = 1_001),
        pair("INVALID_REQUEST", "page_size")
    );
    assert_eq!(
        with(&|r| r.page_token = set("1.00")).0,
        "INVALID_PAGE_TOKEN"
    );
}
