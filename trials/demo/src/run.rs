//! The run: named stages from a register to a verified election, on one page.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use batch::{Formed, Randomness};
use country::Country;
use lexicon::handover::envelope::Signer as _;
use lexicon::{ElectionLaw, ExclusionReason, PrecinctCode};

use crate::ground::{Ground, write_whole};
use crate::keychain::{Hands, KeyChain};
use crate::list::{Chain, approve, live_precinct, take_snapshot};
use crate::live::{Live, print_lists};
use crate::measure::{self, TruePairs};
use crate::options::Options;
use crate::page::{self, Picture};
use crate::progress::Progress;
use crate::real::RealFingers;
use crate::summary::{RealSummary, Summary};
use crate::{day, record, register};
use national::truth::reconciliation;

/// The five signed folders whose files a stranger checks.
pub const FOLDERS: [&str; 5] = ["snapshot", "roll", "packages", "journals", "publication"];

/// Runs the whole way; true when all holds that must hold.
///
/// # Errors
/// A wish that cannot be met, a full disk, a database that refuses: with what to do.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let law = ElectionLaw::shipped(&options.law)
        .with_context(|| format!("--law {}: no such law is shipped", options.law))?;
    let law_text = ElectionLaw::shipped_text(&options.law)
        .with_context(|| format!("--law {}: no such law is shipped", options.law))?;
    let ground = Ground::take(&options.out, &options.asked()?)?;
    let progress = Progress::new();
    let chain = KeyChain::new(options.seed, law.election.number)?;
    let went_on = if ground.goes_on {
        ", going on where an earlier run stopped"
    } else {
        ""
    };
    progress.say(&format!(
        "tizme demo, seed {}, in {}{went_on}",
        options.seed,
        ground.out.display()
    ));
    let walk = Walk {
        options,
        law: &law,
        law_text,
        ground: &ground,
        chain: &chain,
        progress: &progress,
    };
    let done = walk.walk()?;
    progress.end();
    println!("\n{}", done.summary.text());
    println!(
        "  pictures                   {}",
        ground.path("index.html").display()
    );
    println!(
        "  check it yourself          ./tizme verify {}",
        ground.out.display()
    );
    let holds = done.summary.holds();
    if !options.once {
        walk.live(&done)?;
    }
    Ok(holds)
}

/// What every stage works with.
struct Walk<'a> {
    options: &'a Options,
    law: &'a ElectionLaw,
    law_text: &'a str,
    ground: &'a Ground,
    chain: &'a KeyChain,
    progress: &'a Progress,
}

/// What a finished walk leaves for the running services.
struct Done {
    summary: Summary,
    formed: Formed,
    hands: Hands,
    country: Option<Country>,
    real: Option<RealFingers>,
    live: Option<PrecinctCode>,
}

impl Walk<'_> {
    fn walk(&self) -> anyhow::Result<Done> {
        let (options, ground, progress) = (self.options, self.ground, self.progress);
        let (country, real) = self.country()?;
        let store = register::open_store(ground, options, self.law)?;
        let source = register::source(ground, options);
        let imported = progress.stage("import", || {
            let imported = register::import_tables(ground, &store, &source, progress)?;
            let line = format!("{} rows, {} rejected", imported.rows, imported.rejected);
            Ok((imported, line))
        })?;
        let truth = measure::has_truth(&source)
            .then(|| TruePairs::read(&source))
            .transpose()?;
        let checked = progress.stage("duplicates", || {
            let threads = options.threads();
            let checked = register::check_duplicates(
                ground,
                &store,
                truth.as_ref(),
                self.chain,
                threads,
                progress,
            )?;
            let line = format!(
                "{} captures, {} pairs referred",
                checked.captures, checked.referred
            );
            Ok((checked, line))
        })?;
        progress.stage("snapshot", || {
            let persons = take_snapshot(ground, &store, self.law, self.chain, progress)?;
            Ok(((), format!("{persons} persons, signed by the register")))
        })?;
        let chain = self.chain_of_steps();
        let formed = progress.stage("roll", || {
            let formed = chain.form()?;
            chain.sign()?;
            let line = format!(
                "{} of {} on the list, signed by two institutions",
                formed.release.total, formed.release.considered
            );
            Ok((formed, line))
        })?;
        let live = live_precinct(&formed);
        let hands = Hands::new(self.chain, live);
        progress.stage("packages", || {
            let packed = chain.pack(&formed, &hands)?;
            Ok((
                (),
                format!(
                    "{} stations, each opens with two officers and a kit",
                    packed.packages.len()
                ),
            ))
        })?;
        let approvals = progress.stage("office", || {
            let source = office::Source {
                verifier: &self.chain.ring,
                srs: self.chain.srs.kid(),
                cec: self.chain.cec.kid(),
                law: self.law,
                doubled_percent: office::DOUBLED_PERCENT,
                sampled_per_100000: office::sure_links_per_100000(),
            };
            let received = office::receive_roll(&store, &ground.path("roll"), source)?;
            let approvals = approve(&store, self.law, &formed, &self.chain.office)?;
            let packages = ground.path("packages");
            let (stations, _) = office::manifests::receive_manifests(&store, &packages, source)?;
            let line = format!(
                "received {} decisions, {} classes of rows, {} claims, {stations} stations; approved by two",
                received.decisions, received.reconciled, received.claims
            );
            Ok((approvals, line))
        })?;
        self.publish_before(&chain, &formed, &approvals)?;
        let stood = ground.finished::<u64>("results").is_some();
        let outcome = self.day(country.as_ref(), real.as_ref(), &hands)?;
        if stood && outcome.precincts_standing < outcome.precincts.len() as u64 {
            // A day that was run again is handed in and published again.
            ground.reopen("results");
        }
        self.publish_after(&chain, &formed, &approvals)?;
        record::record_turnout(
            &store,
            register::days_before(self.law, 0, 22 * 60),
            &outcome.turnout,
        )?;
        self.paper()?;
        let verify = self.verify()?;
        let mut summary = self.summarise(&imported, &checked, &formed, &outcome, verify);
        if measure::has_truth(&source) {
            for (class, fit) in reconciliation(&source, &formed.snapshot, &formed.reconciliation)? {
                summary
                    .truth_precision_by_class
                    .insert(class.code().to_owned(), fit.precision());
                summary
                    .truth_recall_by_class
                    .insert(class.code().to_owned(), fit.recall());
            }
        }
        summary.seconds_by_stage = progress.seconds();
        self.write(&summary, &formed, &outcome)?;
        Ok(Done {
            summary,
            formed,
            hands,
            country,
            real,
            live,
        })
    }

    /// Makes the country in memory, and its tables on disk; nothing for an imported register.
    fn country(&self) -> anyhow::Result<(Option<Country>, Option<RealFingers>)> {
        if let Some(folder) = &self.options.import {
            if !folder.is_dir() {
                bail!("--import {}: no such folder", folder.display());
            }
            return Ok((None, None));
        }
        self.progress.stage("country", || {
            let country = register::make_country(self.options)?;
            let fingers = self.options.fingerprints.as_deref();
            let real = fingers
                .map(|dir| RealFingers::read(dir, &country))
                .transpose()?;
            let rows = register::write_tables(self.ground, &country, real.as_ref(), self.progress)?;
            let line = format!("{} records, {rows} rows of tables", country.record_count());
            Ok(((Some(country), real), line))
        })
    }

    fn chain_of_steps(&self) -> Chain<'_> {
        Chain {
            ground: self.ground,
            law: self.law,
            law_text: self.law_text,
            keys: self.chain,
            randomness: Randomness::new(&self.chain.secret("batch")),
            threads: self.options.threads(),
            progress: self.progress,
        }
    }

    /// The list goes public before the day; once the day was published this is not taken back.
    fn publish_before(
        &self,
        chain: &Chain<'_>,
        formed: &Formed,
        approvals: &[u8],
    ) -> anyhow::Result<()> {
        self.progress.stage("publication", || {
            if let Some(entries) = self.ground.finished::<u64>("publication") {
                return Ok(((), format!("{entries} log entries stand")));
            }
            let published = chain.publish(formed, approvals, false)?;
            self.ground.finish("publication", &published.log_entries)?;
            let line = format!(
                "{} log entries, {} sealed answers",
                published.log_entries, published.answers
            );
            Ok(((), line))
        })
    }

    fn day(
        &self,
        country: Option<&Country>,
        real: Option<&RealFingers>,
        hands: &Hands,
    ) -> anyhow::Result<day::DayOutcome> {
        self.progress.stage("election day", || {
            let publishers = self.chain.publishers();
            let voters: Vec<day::RealVoter> = real.iter().flat_map(|real| real.voters()).collect();
            let outcome = day::run(&day::DayInput {
                out: &self.ground.out,
                election: self.law.election.number,
                publishers: &publishers,
                keys: hands,
                country,
                real: &voters,
                seed: self.options.seed,
                threads: self.options.threads,
                progress: &|done, total| self.progress.show("election day", done, total),
            })?;
            let line = format!(
                "{} visits, {} check-ins at {} stations; p50 {:.0} ms, p95 {:.0} ms",
                outcome.visits,
                outcome.checked_in(),
                outcome.precincts.len(),
                outcome.times.p50_ms,
                outcome.times.p95_ms
            );
            Ok((outcome, line))
        })
    }

    /// Journals and reports join the log, turnout is published; the log only grows.
    fn publish_after(
        &self,
        chain: &Chain<'_>,
        formed: &Formed,
        approvals: &[u8],
    ) -> anyhow::Result<()> {
        self.progress.stage("results", || {
            if let Some(counted) = self.ground.finished::<u64>("results") {
                return Ok(((), format!("{counted} counted stand")));
            }
            chain.sign_journals()?;
            let published = chain.publish(formed, approvals, true)?;
            self.ground.finish("results", &published.counted)?;
            Ok((
                (),
                format!(
                    "{} counted, {} log entries",
                    published.counted, published.log_entries
                ),
            ))
        })
    }

    fn paper(&self) -> anyhow::Result<()> {
        if self.options.no_paper {
            return Ok(());
        }
        self.progress.stage("paper", || {
            let files = print_lists(self.ground, self.options.threads())?;
            Ok(((), format!("{files} lists as PDF")))
        })
    }

    fn verify(&self) -> anyhow::Result<String> {
        self.progress.stage("verify", || {
            let report = verifier::verify(&self.ground.out, &[]);
            let verdict = if report.holds() {
                "ok".to_owned()
            } else {
                self.progress.say(&report.to_text());
                format!("{} findings", report.findings.len())
            };
            Ok((verdict.clone(), verdict))
        })
    }

    fn summarise(
        &self,
        imported: &register::Imported,
        checked: &register::Checked,
        formed: &Formed,
        outcome: &day::DayOutcome,
        verify: String,
    ) -> Summary {
        let count = &formed.roll.count;
        let excluded = ExclusionReason::ALL.iter().zip(count.excluded);
        Summary {
            persons: imported.persons,
            enrolments: imported.enrolments,
            duplicates_planted: checked.planted,
            duplicates_found: checked.found,
            duplicates_false: checked.distinct,
            list_total: count.total,
            considered: count.considered,
            excluded_by_reason: excluded
                .map(|(reason, n)| (reason.code().to_owned(), n))
                .collect(),
            commission_rows: formed.reconciliation.rows.len() as u64,
            reconciled_by_class: measure::reconciled_by_class(formed),
            truth_precision_by_class: BTreeMap::new(),
            truth_recall_by_class: BTreeMap::new(),
            precincts: formed
                .roll
                .lists
                .iter()
                .filter(|list| !list.persons.is_empty())
                .count() as u64,
            checkins_by_method: outcome.checkins_by_method.clone(),
            refusals_by_reason: outcome.refusals_by_reason.clone(),
            double_attempts: outcome.double_attempts,
            double_admitted: outcome.double_admitted,
            impostor_attempts: outcome.impostor_attempts,
            impostor_admitted: outcome.impostor_admitted,
            root: lexicon::handover::envelope::hex(&*formed.release.root),
            verify,
            real_fingers: outcome.real.as_ref().map(RealSummary::of),
            seconds_by_stage: BTreeMap::new(),
        }
    }

    fn write(
        &self,
        summary: &Summary,
        formed: &Formed,
        outcome: &day::DayOutcome,
    ) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(summary)? + "\n";
        write_whole(&self.ground.path("summary.json"), text.as_bytes())?;
        let picture = Picture {
            summary,
            imported: self.options.import.is_some(),
            campaign: page::campaign(formed),
            hours: outcome.turnout_by_hour.clone(),
            precincts: page::shapes(
                formed,
                &outcome
                    .precincts
                    .iter()
                    .map(|row| (row.precinct, row.checked_in))
                    .collect(),
                &self.ground.path("paper"),
            ),
        };
        page::write(&self.ground.out, &picture)?;
        Ok(())
    }

    fn live(&self, done: &Done) -> anyhow::Result<()> {
        let Some(precinct) = done.live else {
            bail!("no precinct has a list: no station is left running");
        };
        Live {
            ground: self.ground,
            options: self.options,
            law: self.law,
            chain: self.chain,
            hands: &done.hands,
            formed: &done.formed,
            country: done.country.as_ref(),
            real: done.real.as_ref(),
            precinct,
        }
        .run()
    }
}
