"""Whatever a server publishes becomes a client that imports and reads an answer of each operation."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocalc_facade._drift.contract import contract
from cocalc_facade._drift.report import report
from scripts.pipeline.generate import generate
from scripts.pipeline.reconcile import reconcile
from scripts.pipeline.repair import repair
from scripts.pipeline.shape import shape
from scripts.pipeline.validate import validate
from tests.pipeline.foreign import Foreign
from tests.pipeline.shaped import NOWHERE


@pytest.mark.parametrize("seed", range(24))
def test_a_document_of_any_form_is_repaired_shaped_valid_and_compared(seed: int) -> None:
    document = Foreign(seed).document()
    repaired = repair(document).document
    assert contract(repaired) == contract(document), "repair changes the form, not what is said"
    shaped = shape(repaired)
    validate(shaped)
    assert contract(shape(shaped)) == contract(shaped), "shaping twice changes nothing"
    one, other = contract(document), contract(Foreign(seed + 1).document())
    assert str(report(one, other))
    assert str(report(other, one))


@pytest.mark.parametrize("seed", [100, 200, 300])
def test_a_client_is_made_of_a_document_of_any_form(seed: int, tmp_path: Path) -> None:
    shaped = shape(repair(Foreign(seed).document()).document)
    generate(shaped, tmp_path / "cocalc_v2", NOWHERE)
    assert reconcile(shaped, tmp_path / "cocalc_v2").operations == len(shaped["paths"])
