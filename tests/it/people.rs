//! What people decide and answer: recorded, found again in the case, shown beside what is computed, and never applied by itself.

use concord_kit::status::Problem;
use concord_proto::audit::{GetRecordRequest, get_record_request};
use concord_proto::determination::{
    DetermineRequest, GetDeterminationRequest, HumanVerdict, RecordDecisionRequest,
    RecordJudgementRequest,
};
use concord_proto::types::{JudgementAnswer, RecordKind, RequestContext};
use concord_tests::binary::run;
use concord_tests::cluster::{Cluster, Options};
use concord_tests::requests::accelerator_to_korea;
use tonic::Code;

const JUDGEMENT: &str = "specially_designed";

fn context(request_id: &str, actor: &str) -> Option<RequestContext> {
    Some(RequestContext {
        request_id: request_id.to_owned(),
        actor: actor.to_owned(),
        ..RequestContext::default()
    })
}

fn adopting(request_id: &str, answer: bool, record_id: &str) -> DetermineRequest {
    let mut request = accelerator_to_korea(request_id);
    if let Some(transaction) = &mut request.transaction {
        transaction.judgements.push(JudgementAnswer {
            judgement: JUDGEMENT.to_owned(),
            answer,
            reason: "as decided before".to_owned(),
            record_id: record_id.to_owned(),
            ..JudgementAnswer::default()
        });
    }
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_decide_is_shown_beside_later_answers_and_changes_none() {
    let cluster = Cluster::start(Options::default()).await;
    let mut us = cluster.determination(&cluster.us);
    let first = us.determine(accelerator_to_korea("p-1")).await;
    let first = first.expect("an answer").into_inner();
    assert_eq!(first.history, None, "nobody decided anything yet");
    let computed = first.determination.expect("a determination");
    let id = computed.determination_id.clone();

    let decision = RecordDecisionRequest {
        context: context("p-2", "officer 7"),
        determination_id: id.clone(),
        verdict: HumanVerdict::Override.into(),
        outcome: "licence_required".to_owned(),
        reason: "the end user is not who it says it is".to_owned(),
    };
    let decided = us.record_decision(decision).await.expect("recorded");
    let decided = decided.into_inner().decision.expect("the decision");
    assert_eq!(decided.computed_outcome, "no_list_licence");
    let case = decided.context.as_ref().map(|c| c.case_reference.as_str());
    assert_eq!(case, Some("EX-1"), "the determination's own case");

    let judged = RecordJudgementRequest {
        context: context("p-3", "engineer 3"),
        determination_id: id.clone(),
        answer: Some(JudgementAnswer {
            judgement: JUDGEMENT.to_owned(),
            line_id: "chips".to_owned(),
            answer: false,
            reason: "a catalogue part".to_owned(),
            ..JudgementAnswer::default()
        }),
    };
    let answer = us.record_judgement(judged.clone()).await.expect("recorded");
    let answer = answer.into_inner().judgement.expect("the answer");
    let receipt = answer.receipt.clone().expect("a receipt");
    let again = us
        .record_judgement(judged.clone())
        .await
        .expect("the same again");
    let again = again.into_inner().judgement.expect("the answer");
    assert_eq!(
        again.receipt.expect("a receipt").record_id,
        receipt.record_id
    );
    let mut audit = cluster.audit(&cluster.us);
    let name = Some(get_record_request::Name::RecordId(
        receipt.record_id.clone(),
    ));
    let record = audit
        .get_record(GetRecordRequest { name })
        .await
        .expect("the record");
    let record = record.into_inner().record.expect("the record");
    assert_eq!(record.kind(), RecordKind::JudgementAnswer);
    assert_eq!(record.about_record_id, id);

    // Beside the determination itself ...
    let stored = GetDeterminationRequest {
        determination_id: id.clone(),
    };
    let stored = us
        .get_determination(stored)
        .await
        .expect("stored")
        .into_inner();
    assert_eq!(stored.decisions.len(), 1);
    assert_eq!(stored.decisions.first(), Some(&decided));
    assert_eq!(stored.judgements, std::slice::from_ref(&answer));
    assert_eq!(stored.history, None, "nothing about other determinations");

    // ... and beside a later one of the case, which comes out as before.
    let later = us
        .determine(accelerator_to_korea("p-4"))
        .await
        .expect("an answer");
    let later = later.into_inner();
    let history = later.history.expect("what was decided before");
    assert_eq!(history.decisions, [decided]);
    assert_eq!(history.judgements, [answer]);
    assert!(!history.more);
    assert_eq!(
        later.determination.expect("a determination").own,
        computed.own
    );

    // Adopted by name only, and only as it was given.
    let adopted = us
        .determine(adopting("p-5", false, &receipt.record_id))
        .await;
    let adopted = adopted.expect("an answer").into_inner().determination;
    let adopted = adopted
        .and_then(|d| d.transaction)
        .expect("the transaction");
    let named = adopted.judgements.first().map(|j| j.record_id.as_str());
    assert_eq!(named, Some(receipt.record_id.as_str()));
    for (request, reason) in [
        (adopting("p-6", true, &receipt.record_id), "CONTRADICTION"),
        (adopting("p-7", false, &id), "UNKNOWN_RECORD"),
        (adopting("p-8", false, "nothing"), "UNKNOWN_RECORD"),
    ] {
        let refused = us.determine(request).await.expect_err("refused");
        let problem = Problem::from_status(&refused);
        assert_eq!(
            (refused.code(), problem.reason()),
            (Code::InvalidArgument, reason)
        );
    }

    // Nobody answers in nobody's name, about nothing, or without a reason.
    let wrong = |change: &dyn Fn(&mut RecordJudgementRequest)| {
        let mut request = judged.clone();
        request.context = context("p-9", "engineer 3");
        change(&mut request);
        request
    };
    type Set<'a> = &'a dyn Fn(&mut JudgementAnswer);
    let of_answer = |set: Set<'_>| wrong(&|request| request.answer.iter_mut().for_each(set));
    for (request, code, reason) in [
        (
            wrong(&|r| r.context = context("p-9", " ")),
            Code::InvalidArgument,
            "MISSING_FIELD",
        ),
        (
            of_answer(&|a| a.reason.clear()),
            Code::InvalidArgument,
            "MISSING_FIELD",
        ),
        (
            of_answer(&|a| a.judgement = "spezially_designed".to_owned()),
            Code::InvalidArgument,
            "UNKNOWN_NAME",
        ),
        (
            of_answer(&|a| a.line_id = "boxes".to_owned()),
            Code::InvalidArgument,
            "UNKNOWN_LINE",
        ),
        (
            wrong(&|r| r.determination_id = receipt.record_id.clone()),
            Code::NotFound,
            "DETERMINATION_NOT_FOUND",
        ),
    ] {
        let refused = us.record_judgement(request).await.expect_err("refused");
        let problem = Problem::from_status(&refused);
        assert_eq!((refused.code(), problem.reason()), (code, reason));
    }
    drop((us, audit));
    cluster.shutdown().await;
}

/// An officer at the command line, without a server: decides, looks it up, and meets it again in the next answer of the case.
#[test]
fn an_officer_decides_at_the_command_line() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("export.yaml");
    let text = "case_reference: EX-9\nas_of: 2026-10-01\nitem:\n  name: mill\n  kind: commodity\n  type: machine_tool\n\
                transaction: {origin: US, destination: VN, activity: export}\n";
    std::fs::write(&file, text).expect("the folder is writable");
    let data = dir.path().join("data");
    let concord = |args: &[&str]| {
        let mut all: Vec<std::ffi::OsString> = args.iter().map(Into::into).collect();
        all.extend(["--data-dir".into(), data.clone().into_os_string()]);
        run(&all)
    };
    let path = file.to_str().expect("a plain path");
    let determined = concord(&["determine", path, "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&determined.stdout).expect("JSON");
    let id = answer["determination"]["determination_id"]
        .as_str()
        .expect("an id");

    let said = [
        "--reason",
        "a sample without drives",
        "--actor",
        "officer 7",
    ];
    fn with<'a>(first: &[&'a str], said: &[&'a str]) -> Vec<&'a str> {
        [first, said].concat()
    }
    let overridden = concord(&with(
        &["decide", id, "--override", "licence_required"],
        &said,
    ));
    assert_eq!(overridden.code, Some(0), "{overridden:?}");
    assert!(
        overridden.stdout.contains("OVERRIDES with"),
        "{overridden:?}"
    );
    let judged = concord(&with(
        &["decide", id, "--judgement", "specially_designed=no"],
        &said,
    ));
    assert_eq!(judged.code, Some(0), "{judged:?}");

    let shown = concord(&["decide", id, "--format", "markdown"]);
    for words in [
        "a sample without drives",
        "officer 7",
        "specially\\_designed: no",
    ] {
        let plain = shown.stdout.replace('\\', "");
        assert!(
            plain.contains(&words.replace('\\', "")),
            "{words}: {shown:?}"
        );
    }
    let again = concord(&["determine", path, "--lang", "ko"]);
    assert!(again.stdout.contains("같은 사건의 이전 결정"), "{again:?}");
    assert!(again.stdout.contains("번복"), "{again:?}");

    for (args, code) in [
        (vec!["decide", id, "--agree", "--actor", "officer 7"], 64), // no reason
        (
            with(&["decide", id, "--judgement", "specially_designed"], &said),
            64,
        ),
        (with(&["decide", id, "--override", "cleared"], &said), 1),
        (
            with(&["decide", id, "--judgement", "not_a_judgement=yes"], &said),
            1,
        ),
        (vec!["decide", "019a0000-0000-7000-8000-000000000000"], 1),
    ] {
        let refused = concord(&args);
        assert_eq!(refused.code, Some(code), "{args:?}: {refused:?}");
    }
}
