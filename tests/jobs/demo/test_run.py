from nophoto.jobs.demo import pictures
from nophoto.jobs.demo.outcome import PLACEHOLDERS
from nophoto.jobs.demo.run import run_demo
from nophoto.models.records.tables import UploadState
from nophoto.models.vision.versions import read_cohort, shipped_version
from nophoto.models.vocabulary import Verdict


def test_demo_end_to_end():
    seen = []
    found = run_demo(lambda done, total: seen.append((done, total)))
    photographs = list(pictures.photographs())
    assert len(found.rows) == len(photographs) + PLACEHOLDERS
    assert {row.state for row in found.rows} == {UploadState.JUDGED}
    assert found.flagged == []
    assert found.is_good
    assert seen[-1] == (len(found.rows), len(found.rows))
    assert found.page.count("<article") == len(found.rows)
    assert "cannot be shown" not in found.page
    assert all(row.kind for row in found.rows if row.verdict == Verdict.PLACEHOLDER)
    assert found.only_copies_turned
    assert {row.collection: row.verdict for row in found.apart} == {
        "default": Verdict.PLACEHOLDER,
        "kind-off": Verdict.REAL,
    }
    assert (found.turned is None) == (not len(read_cohort(shipped_version())))
