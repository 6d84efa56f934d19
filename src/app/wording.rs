//! Taught wordings: requested by one approver, confirmed by a second, used, announced, forgotten.

mod reading;

pub(super) use reading::{
    ReadBefore, ToRead, explain, forget_reading, offer, read_found, veto_names,
};

use super::finish::commit;
use super::notice::{carry_out, cases, facts_of, instances, tell_notice};
use super::unit_of_work::UnitOfWork;
use super::{Actor, RequestContext, Settings, Warden};
use crate::answer::{Answer, AnswerResult, NotTaught, Reply, Teachable, UserError, WordingAnswer};
use crate::command::{Command, Reason, WordingWord, args};
use crate::domain::Timestamp;
use crate::domain::announce::PostContent;
use crate::domain::audit::AuditEntry;
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{Person, WorkspaceId};
use crate::domain::instance::Instance;
use crate::domain::notice::{
    ANNOUNCED, Learnt, Lesson, NoticeRecord, NoticeTurn, Stands, Teaching, Word, WordingKind,
};
use crate::domain::outcome::Outcome;
use crate::render;
use crate::store::{StoreResult, Tx};
use reading::{in_force, learn, read_now, taught_of, understand};

/// The name under which the bot itself forgets wordings.
const WARDEN: &str = "the warden";

impl RequestContext<'_> {
    /// Teaches or forgets a wording.
    pub(super) async fn say_of_wording(
        &self,
        work: &mut UnitOfWork,
        said: &args::TeachWording,
        what: WordingWord,
    ) -> AnswerResult {
        let number = said.number;
        let kind = match what {
            WordingWord::Release => WordingKind::Release,
            WordingWord::Expiry => WordingKind::Expiry,
            WordingWord::Other => WordingKind::Other,
            WordingWord::Forget => return self.forget_wording(work, number).await,
        };
        let lesson = Lesson {
            kind,
            first: said.first,
        };
        self.teach(work, number, lesson, said.reason.as_ref()).await
    }

    /// Teaches a wording, or asks for a second person; `alone` is the reason to do without one.
    async fn teach(
        &self,
        work: &mut UnitOfWork,
        notice: u64,
        lesson: Lesson,
        alone: Option<&Reason>,
    ) -> AnswerResult {
        let filed = work.tx.notice(notice).await?;
        let filed = filed.ok_or(UserError::NoSuchNotice(notice))?;
        let learnt = match self.learn(work, &filed, lesson, alone).await? {
            Ok(learnt) => learnt,
            Err(why) => {
                let refused = WordingAnswer::Refused { notice, why };
                return Ok(self.of_wording(Outcome::Blocked, refused));
            }
        };
        let word = self.word();
        let before = work.tx.wording_of(filed.number).await?;
        let before = before.filter(|it| it.stands(self.now) == Stands::Asked);
        let (mut teaching, instead) = match before {
            Some(same) if same.lesson == lesson && same.learnt == learnt => (same, None),
            before => {
                let teaching = Teaching {
                    number: work.tx.next_wording_number().await?,
                    notice: filed.number,
                    source: filed.origin(),
                    lesson,
                    learnt,
                    asked: word.clone(),
                    taught: None,
                    alone: None,
                    uses: 0,
                    used: None,
                    forgotten: None,
                };
                (teaching, before.map(Box::new))
            }
        };
        let is_agreed = alone.is_some() || teaching.asked.by.id != word.by.id;
        if is_agreed {
            teaching.taught = Some(word);
            teaching.alone = alone.map(ToString::to_string);
        }
        work.tx.save_wording(&teaching).await?;
        if is_agreed {
            return self.put_into_force(work, teaching).await;
        }
        let asked = WordingAnswer::Asked { teaching, instead };
        Ok(self.of_wording(Outcome::NeedsApproval, asked))
    }

    fn word(&self) -> Word {
        Word {
            by: self.actor.person.clone(),
            at: self.now,
        }
    }

    fn of_wording(&self, outcome: Outcome, answer: WordingAnswer) -> Reply {
        Reply::new(outcome, self.now, Answer::Wording(Box::new(answer)))
    }

    /// The wording of a notice's text, or why this person cannot teach it.
    async fn learn(
        &self,
        work: &mut UnitOfWork,
        filed: &NoticeRecord,
        lesson: Lesson,
        alone: Option<&Reason>,
    ) -> StoreResult<Result<Learnt, NotTaught>> {
        let known = instances(&mut work.tx, self.settings, &filed.instances, self.now).await?;
        let (learnt, understood) = match learn(
            self.settings,
            &mut work.tx,
            filed,
            &known,
            lesson,
            &mut ReadBefore::default(),
        )
        .await?
        {
            Ok(learnt) => learnt,
            Err(why) => return Ok(Err(why)),
        };
        if lesson.kind == WordingKind::Release && !understood.vetoes.is_empty() {
            return Ok(Err(NotTaught::Vetoed(understood.objections())));
        }
        let nobody_else = self.settings.teaches_alone();
        if alone.is_some() {
            return Ok(nobody_else.then_some(learnt).ok_or(NotTaught::NotAlone));
        }
        let person = &self.actor.person;
        let handed_in = filed.by.id == person.id || work.tx.handed_in_again(filed, person).await?;
        if handed_in {
            return Ok(Err(NotTaught::HandedIn { alone: nobody_else }));
        }
        Ok(Ok(learnt))
    }

    /// Puts a wording into force: announces it, and judges again the notices that it may explain.
    async fn put_into_force(&self, work: &mut UnitOfWork, teaching: Teaching) -> AnswerResult {
        let alerts = &self.settings.channels.alerts;
        let message = PostContent::SafeguardLowered {
            by: self.actor.person.clone(),
            lines: render::wording::lowered(&teaching),
        };
        let key = format!("wording:{}", teaching.number);
        let post = Post::new(PostKind::Alert, alerts, key, self.now, message.into());
        work.tx.post(&post).await?;
        let (mut quieted, mut read) = (Vec::new(), Vec::new());
        for number in work.tx.not_understood().await? {
            match self.read_again(work, number, &teaching).await? {
                None => {}
                Some(true) => quieted.push(number),
                Some(false) => read.push(number),
            }
        }
        let taught = WordingAnswer::Taught {
            teaching,
            quieted,
            read,
        };
        Ok(self.of_wording(Outcome::Done, taught))
    }

    /// Judges a raised notice again by a wording now in force. Returns whether it is suppressed; `None` if the wording does not
    /// match.
    async fn read_again(
        &self,
        work: &mut UnitOfWork,
        number: u64,
        teaching: &Teaching,
    ) -> StoreResult<Option<bool>> {
        let Some(mut filed) = work.tx.notice(number).await? else {
            return Ok(None);
        };
        let Some(message) = filed.message.clone() else {
            return Ok(None);
        };
        if filed.origin() != teaching.source {
            return Ok(None);
        }
        let cases = cases(&mut work.tx, self.settings, &filed.instances, self.now).await?;
        let known: Vec<_> = cases.iter().map(|case| case.instance.clone()).collect();
        let to_read = ToRead {
            message: &message,
            read: &filed.read,
            known: &known,
            received: filed.received,
        };
        let taught = in_force(&mut work.tx, &teaching.source, self.now).await?;
        let Some(understood) = understand(self.settings, &mut work.tx, &to_read, &taught).await?
        else {
            return Ok(None);
        };
        let facts = facts_of(self.settings, &mut work.tx, &filed, &known, self.now).await?;
        let turn = filed.judge_again(understood, &facts, self.now);
        work.tx.reread_notice(&filed).await?;
        self.note_announced(work, &filed, &cases).await?;
        self.turned(work, &filed, &known, turn).await?;
        Ok(Some(turn.is_some()))
    }

    async fn turned(
        &self,
        work: &mut UnitOfWork,
        filed: &NoticeRecord,
        known: &[Instance],
        turn: Option<NoticeTurn>,
    ) -> StoreResult<()> {
        let Some(turn) = turn else {
            return Ok(());
        };
        if turn.tells() {
            tell_notice(self.settings, &mut work.tx, filed, known, self.now).await?;
        }
        let decision = self.done("");
        carry_out(self.settings, &mut work.tx, filed, known, turn, &decision).await
    }

    /// Forgets a wording, and raises the notices that it suppressed and that are still open.
    async fn forget_wording(&self, work: &mut UnitOfWork, number: u64) -> AnswerResult {
        let teaching = work.tx.wording(number).await?;
        let mut teaching = teaching.ok_or(UserError::NoSuchWording(number))?;
        let mut raised = Vec::new();
        let is_new = teaching.forgotten.is_none();
        if is_new {
            teaching.forgotten = Some(self.word());
            work.tx.save_wording(&teaching).await?;
            for notice in work.tx.suppressed_by(number).await? {
                if self.unlearn(work, notice).await? {
                    raised.push(notice);
                }
            }
        }
        let outcome = Outcome::done_if(is_new);
        let forgotten = WordingAnswer::Forgotten {
            teaching,
            raised,
            is_new,
        };
        Ok(self.of_wording(outcome, forgotten))
    }

    async fn unlearn(&self, work: &mut UnitOfWork, notice: u64) -> StoreResult<bool> {
        let Some(mut filed) = work.tx.notice(notice).await? else {
            return Ok(false);
        };
        let known = instances(&mut work.tx, self.settings, &filed.instances, self.now).await?;
        let understood = read_now(self.settings, &mut work.tx, &filed, &known, self.now).await?;
        let facts = facts_of(self.settings, &mut work.tx, &filed, &known, self.now).await?;
        let turn = filed.unlearn(understood, &facts, self.now);
        work.tx.reread_notice(&filed).await?;
        self.turned(work, &filed, &known, turn).await?;
        Ok(turn.is_some())
    }

    /// The wording of a raised notice as it would be taught, or why it cannot be.
    pub(super) async fn show_wording(&self, tx: &mut Tx, number: u64) -> AnswerResult {
        let filed = tx.notice(number).await?;
        let filed = filed.ok_or(UserError::NoSuchNotice(number))?;
        let known = instances(tx, self.settings, &filed.instances, self.now).await?;
        let mut before = ReadBefore::default();
        let offer = reading::teachable(self.settings, tx, &filed, &known, &mut before).await?;
        let asked = tx.wording_of(number).await?;
        let asked = asked.filter(|it| it.stands(self.now) == Stands::Asked);
        Ok(self.info(Answer::Teachable(Box::new(Teachable {
            filed,
            offer,
            asked,
        }))))
    }

    /// Voids a first word, if nobody has agreed to it meanwhile.
    pub(super) async fn void_word(&self, work: &mut UnitOfWork, wording: u64) -> StoreResult<bool> {
        let teaching = work.tx.wording(wording).await?;
        let asked = teaching.filter(|it| it.stands(self.now) == Stands::Asked);
        let Some(mut teaching) = asked else {
            return Ok(false);
        };
        teaching.forgotten = Some(self.word());
        work.tx.save_wording(&teaching).await?;
        Ok(true)
    }

    /// All wordings, requested or taught.
    pub(super) async fn list_wordings(&self, tx: &mut Tx) -> AnswerResult {
        let all = tx.wordings().await?;
        Ok(self.info(Answer::Wordings { all }))
    }
}

impl Warden {
    /// The wording for which a command is the second word, with the person who gave the first.
    pub async fn first_word(
        &self,
        actor: &Actor,
        command: &Command,
    ) -> StoreResult<Option<(u64, Person)>> {
        let Command::Wording(said) = command else {
            return Ok(None);
        };
        if matches!(said.what, None | Some(WordingWord::Forget)) {
            return Ok(None);
        }
        let mut tx = self.store().read(&actor.workspace).await?;
        let before = tx.wording_of(said.number).await?;
        let now = self.now();
        let asked = before.filter(|it| it.stands(now) == Stands::Asked);
        let another = asked.filter(|it| it.asked.by.id != actor.person.id);
        Ok(another.map(|it| (it.number, it.asked.by)))
    }

    /// Voids a first word. Recorded without a person, as nobody decided it.
    pub async fn drop_word(&self, workspace: &WorkspaceId, wording: u64) -> StoreResult<()> {
        let mut work = UnitOfWork::new(self.store().write(workspace).await?);
        let settings = self.settings_in(&mut work.tx).await?;
        let now = self.now();
        let teaching = work.tx.wording(wording).await?;
        let Some(mut teaching) = teaching.filter(|it| it.stands(now) == Stands::Asked) else {
            return Ok(());
        };
        teaching.forgotten = Some(Word {
            by: Person::named(WARDEN),
            at: now,
        });
        work.tx.save_wording(&teaching).await?;
        let detail = format!("wording {wording}: its first teacher may not teach any more");
        let entry = AuditEntry {
            detail: Some(detail),
            ..AuditEntry::done(now, "presence", "teachers")
        };
        commit(&settings, work, &entry).await
    }
}

/// Forgets every wording of a restored workspace, also requested ones: it may have been forgotten after the copy was made.
pub(super) async fn distrust(tx: &mut Tx, now: Timestamp) -> StoreResult<()> {
    let word = Word {
        by: Person::named(WARDEN),
        at: now,
    };
    tx.forget_all_wordings(&word).await
}

/// The wordings that were in force or requested when their workspace was restored.
pub(super) async fn ended_by_restoration(
    tx: &mut Tx,
    restored: Timestamp,
) -> StoreResult<Vec<u64>> {
    let all = tx.wordings().await?.into_iter();
    let ended = all.filter_map(|mut it| {
        let word = it.forgotten.take()?;
        let by_it = word.by == Person::named(WARDEN) && word.at >= restored;
        let held = matches!(it.stands(word.at), Stands::Holds | Stands::Asked);
        (by_it && held).then_some(it.number)
    });
    let mut ended: Vec<u64> = ended.collect();
    ended.sort_unstable();
    Ok(ended)
}

/// Counts a suppression by taught wordings, and announces the first ones.
pub(super) async fn used(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    now: Timestamp,
) -> StoreResult<()> {
    for number in taught_of(filed) {
        if !tx.note_wording_use(number, filed.number).await? {
            continue;
        }
        let counted = tx.count_wording_use(number, now).await?;
        let Some(teaching) = counted.filter(|teaching| teaching.uses <= ANNOUNCED) else {
            continue;
        };
        let post = Post {
            instances: filed.instances.clone(),
            mentions: Vec::new(),
            ..Post::for_admins(
                &settings.channels.alerts,
                format!("wording:{number}:{}", teaching.uses),
                now,
                render::wording::used(&teaching, filed),
            )
        };
        tx.post(&post).await?;
    }
    Ok(())
}
