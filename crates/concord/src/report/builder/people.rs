//! What people decided, beside what was computed.

use concord_proto::determination::{
    CaseHistory, GetDeterminationResponse, HumanDecision, HumanVerdict, RecordDecisionResponse,
    RecordJudgementResponse, RecordedJudgement,
};
use concord_proto::types::{Receipt, RequestContext};

use crate::report::{Block, Language, words};

/// What people said about this determination.
pub(super) fn about(out: &mut Vec<Block>, answer: &GetDeterminationResponse, lang: Language) {
    out.push(Block::Section(
        lang.say("Decisions by people", "사람의 결정").to_owned(),
    ));
    if answer.decisions.is_empty() && answer.judgements.is_empty() {
        let none = lang.say("none recorded", "기록된 결정 없음");
        out.push(Block::Paragraph(none.to_owned()));
        return;
    }
    list(out, &answer.decisions, &answer.judgements, lang);
}

/// Where a person's decision goes: a computed answer is none.
pub(super) fn nobody(out: &mut Vec<Block>, id: &str, lang: Language) {
    out.push(Block::Section(
        lang.say("Decisions by people", "사람의 결정").to_owned(),
    ));
    let text = match lang {
        Language::En => format!(
            "No person has decided about this determination yet. To record it: concord decide {id} --agree, or --override \
             OUTCOME, with --reason and --actor."
        ),
        Language::Ko => format!(
            "아직 이 결정에 대한 사람의 판단이 기록되지 않음. 기록하려면: concord decide {id} --agree 또는 --override OUTCOME \
             (--reason, --actor 필수)."
        ),
    };
    out.push(Block::Paragraph(text));
}

/// What people said before in the same case.
pub(super) fn history(out: &mut Vec<Block>, history: &CaseHistory, lang: Language) {
    let title = lang.say(
        "Decided before in this case; for information, not applied here",
        "같은 사건의 이전 결정; 참고용이며 이 응답에 적용되지 않음",
    );
    out.push(Block::Section(title.to_owned()));
    list(out, &history.decisions, &history.judgements, lang);
    if history.more {
        let more = lang.say(
            "Older records of this case are not shown.",
            "이 사건의 더 오래된 기록은 표시하지 않음.",
        );
        out.push(Block::Paragraph(more.to_owned()));
    }
}

fn list(
    out: &mut Vec<Block>,
    decisions: &[HumanDecision],
    judgements: &[RecordedJudgement],
    lang: Language,
) {
    let header = ["when", "who", "what", "why", "record"];
    let korean = ["시각", "결정자", "내용", "이유", "기록"];
    let header = header.iter().zip(korean);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for decision in decisions {
        let what = verdict(decision, lang);
        let (context, receipt) = (&decision.context, &decision.receipt);
        rows.push(row(context, receipt, what, &decision.reason));
    }
    for judgement in judgements {
        let reason = judgement.answer.as_ref().map(|a| a.reason.clone());
        let (context, receipt) = (&judgement.context, &judgement.receipt);
        rows.push(row(
            context,
            receipt,
            answer(judgement, lang),
            &reason.unwrap_or_default(),
        ));
    }
    rows.sort();
    out.push(Block::Table {
        header: header.map(|(en, ko)| lang.say(en, ko).to_owned()).collect(),
        rows,
    });
}

fn row(
    context: &Option<RequestContext>,
    receipt: &Option<Receipt>,
    what: String,
    why: &str,
) -> Vec<String> {
    let receipt = receipt.clone().unwrap_or_default();
    let who = context.clone().unwrap_or_default().actor;
    vec![
        receipt.logged_at,
        who,
        what,
        why.to_owned(),
        receipt.record_id,
    ]
}

fn verdict(decision: &HumanDecision, lang: Language) -> String {
    let computed = words::outcome(lang, &decision.computed_outcome);
    let said = match decision.verdict() {
        HumanVerdict::Agree => lang.say("agrees", "동의").to_owned(),
        HumanVerdict::Override => format!(
            "{} {}",
            lang.say("OVERRIDES with", "번복:"),
            words::outcome(lang, &decision.outcome)
        ),
        HumanVerdict::Unspecified => lang.say("unknown verdict", "알 수 없는 판단").to_owned(),
    };
    if decision.computed_outcome.is_empty() {
        return said;
    }
    format!(
        "{said} ({} {computed})",
        lang.say("computed:", "계산 결과:")
    )
}

fn answer(judgement: &RecordedJudgement, lang: Language) -> String {
    let answer = judgement.answer.clone().unwrap_or_default();
    let said = if answer.answer {
        lang.say("yes", "예")
    } else {
        lang.say("no", "아니오")
    };
    let line = if answer.line_id.is_empty() {
        String::new()
    } else {
        format!(" ({})", answer.line_id)
    };
    format!("{}{line}: {said}", answer.judgement)
}

/// A decision that was just recorded.
pub fn recorded_decision(answer: &RecordDecisionResponse, lang: Language) -> Vec<Block> {
    let decisions: Vec<_> = answer.decision.iter().cloned().collect();
    recorded(&decisions, &[], lang)
}

/// An answer to a judgement question that was just recorded.
pub fn recorded_judgement(answer: &RecordJudgementResponse, lang: Language) -> Vec<Block> {
    let judgements: Vec<_> = answer.judgement.iter().cloned().collect();
    recorded(&[], &judgements, lang)
}

fn recorded(
    decisions: &[HumanDecision],
    judgements: &[RecordedJudgement],
    lang: Language,
) -> Vec<Block> {
    let mut out = vec![Block::Title(lang.say("Recorded", "기록됨").to_owned())];
    list(&mut out, decisions, judgements, lang);
    out
}
