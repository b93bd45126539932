//! What makes two requests the same: the idempotency key and the digest of the canonical request.

use concord_proto::determination::{
    DetermineRequest, HumanVerdict, RecordDecisionRequest, RecordJudgementRequest,
};
use concord_proto::federation::ConsultRequest;
use concord_proto::types::RequestContext;
use prost::Message;
use sha2::{Digest, Sha256};

use concord_kit::violations::Violations;

/// Checks the context of a recorded call.
pub fn check_context(context: Option<&RequestContext>, violations: &mut Violations) {
    let empty = RequestContext::default();
    let context = context.unwrap_or(&empty);
    check_request_id(&context.request_id, "context.request_id", violations);
    for (field, text, limit) in [
        ("context.case_reference", &context.case_reference, 256),
        ("context.actor", &context.actor, 256),
        ("context.purpose", &context.purpose, 512),
    ] {
        if text.chars().count() > limit {
            violations.add("TOO_LONG", field, format!("longer than {limit} characters"));
        }
    }
}

/// Whether a request id has 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
pub fn is_request_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    !id.is_empty() && id.len() <= 128 && id.bytes().all(allowed)
}

/// Checks a request id ([`is_request_id`]).
pub fn check_request_id(id: &str, field: &str, violations: &mut Violations) {
    if !is_request_id(id) {
        violations.add(
            crate::error::reason::INVALID_REQUEST_ID,
            field,
            "give 1 to 128 characters of `A-Z a-z 0-9 . _ : -`, a new one for every new request",
        );
    }
}

/// Checks an officer's decision: who decided, what, and why. A decision without a person or a reason is none.
pub fn check_decision(request: &RecordDecisionRequest, violations: &mut Violations) {
    check_context(request.context.as_ref(), violations);
    let outcome = concord_licensing::Outcome::parse(&request.outcome);
    match HumanVerdict::try_from(request.verdict) {
        Ok(HumanVerdict::Unspecified) => violations.add(
            "MISSING_FIELD",
            "verdict",
            "give HUMAN_VERDICT_AGREE or HUMAN_VERDICT_OVERRIDE",
        ),
        Err(_) => violations.add(
            "UNKNOWN_VALUE",
            "verdict",
            "give HUMAN_VERDICT_AGREE or HUMAN_VERDICT_OVERRIDE",
        ),
        Ok(HumanVerdict::Override) if outcome.is_none() => violations.add(
            "UNKNOWN_VALUE",
            "outcome",
            "an override names one of the outcomes of docs/api.md",
        ),
        Ok(HumanVerdict::Override | HumanVerdict::Agree) => {}
    }
    check_reason(&request.reason, "reason", violations);
    check_actor(request.context.as_ref(), violations);
}

/// Checks a person's answer to a judgement question: who answered and why.
pub fn check_judgement(request: &RecordJudgementRequest, violations: &mut Violations) {
    check_context(request.context.as_ref(), violations);
    let reason = request.answer.as_ref().map(|answer| answer.reason.as_str());
    check_reason(reason.unwrap_or_default(), "answer.reason", violations);
    if request
        .answer
        .as_ref()
        .is_some_and(|a| !a.record_id.is_empty())
    {
        let text = "an answer that is recorded adopts no other";
        violations.add("CONTRADICTION", "answer.record_id", text);
    }
    check_actor(request.context.as_ref(), violations);
}

fn check_reason(reason: &str, field: &str, violations: &mut Violations) {
    if reason.trim().is_empty() {
        violations.add("MISSING_FIELD", field, "give a reason in words");
    } else if reason.chars().count() > 4_096 {
        violations.add("TOO_LONG", field, "longer than 4096 characters");
    }
}

fn check_actor(context: Option<&RequestContext>, violations: &mut Violations) {
    if context.is_none_or(|context| context.actor.trim().is_empty()) {
        let text = "a decision names who decided";
        violations.add("MISSING_FIELD", "context.actor", text);
    }
}

/// Checks that who agrees names no other outcome than the one `computed`: one record would hold two decisions.
pub fn check_agreement(
    request: &RecordDecisionRequest,
    computed: &str,
    violations: &mut Violations,
) {
    let agrees = request.verdict() == HumanVerdict::Agree;
    if agrees && !request.outcome.is_empty() && request.outcome != computed {
        let text = format!("the answer is `{computed}`: agree with it, or override it");
        violations.add("CONTRADICTION", "outcome", text);
    }
}

/// Digest of what a Determine call asks. How the answer is shown (`view`) and how long it waits (`wait_for`) are not part
/// of it; maps are ordered, so the same request always has the same bytes.
pub fn determine_digest(request: &DetermineRequest) -> [u8; 32] {
    let canonical = DetermineRequest {
        view: 0,
        wait_for: 0,
        ..request.clone()
    };
    digest(
        b"concord.determination.v1.DetermineRequest\0",
        &canonical.encode_to_vec(),
    )
}

/// Digest of what a Consult call asks.
pub fn consult_digest(request: &ConsultRequest) -> [u8; 32] {
    let canonical = ConsultRequest {
        view: 0,
        ..request.clone()
    };
    digest(
        b"concord.federation.v1.ConsultRequest\0",
        &canonical.encode_to_vec(),
    )
}

/// Digest of any other recorded call.
pub fn message_digest(name: &str, message: &impl Message) -> [u8; 32] {
    let mut tag = name.as_bytes().to_vec();
    tag.push(0);
    digest(&tag, &message.encode_to_vec())
}

fn digest(tag: &[u8], bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(tag);
    hash.update(bytes);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_without_person_reason_or_outcome_is_refused() {
        let good = RecordDecisionRequest {
            context: Some(RequestContext {
                request_id: "d-1".into(),
                actor: "officer 7".into(),
                ..Default::default()
            }),
            determination_id: "x".into(),
            verdict: HumanVerdict::Override.into(),
            outcome: "licence_required".into(),
            reason: "the end user is known to us".into(),
        };
        let refused = |change: &dyn Fn(&mut RecordDecisionRequest)| {
            let mut request = good.clone();
            change(&mut request);
            let mut violations = Violations::default();
            check_decision(&request, &mut violations);
            violations.fields().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(refused(&|_| ()).is_empty());
        assert_eq!(refused(&|r| r.reason = " \n".into()), ["reason"]);
        assert_eq!(refused(&|r| r.reason = "가".repeat(4_097)), ["reason"]);
        assert!(refused(&|r| r.reason = "가".repeat(4_096)).is_empty());
        assert_eq!(refused(&|r| r.outcome.clear()), ["outcome"]);
        assert_eq!(refused(&|r| r.outcome = "cleared".into()), ["outcome"]);
        assert_eq!(refused(&|r| r.verdict = 0), ["verdict"]);
        assert_eq!(refused(&|r| r.verdict = 9), ["verdict"]);
        let agree = |r: &mut RecordDecisionRequest| r.verdict = HumanVerdict::Agree.into();
        let agreed = |outcome: &str| {
            let mut request = good.clone();
            agree(&mut request);
            request.outcome = outcome.into();
            let mut violations = Violations::default();
            check_decision(&request, &mut violations);
            check_agreement(&request, "no_list_licence", &mut violations);
            violations.fields().map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(agreed("").is_empty() && agreed("no_list_licence").is_empty());
        assert_eq!(agreed("licence_required"), ["outcome"]);
        let actor = |name: &str| {
            let name = name.to_owned();
            refused(&move |r| r.context.as_mut().unwrap().actor = name.clone())
        };
        assert_eq!(actor(""), ["context.actor"]);
        assert_eq!(actor("  "), ["context.actor"]);
        let nobody = refused(&|r| r.context = None);
        assert!(nobody.contains(&"context.actor".to_owned()));
    }
}
