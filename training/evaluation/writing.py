"""The files of an evaluation; each function returns the sentence that says where the file is."""

from __future__ import annotations

import json
from pathlib import Path

from training.audits.wording import Wording
from training.evaluation import confusions
from training.evaluation.dossier import Dossier
from training.evaluation.sentences import say_keys, say_rivalry


def write_report(path: Path, dossier: Dossier, wording: Wording) -> str:
    figures = dossier.evaluation.figures
    if dossier.rivalry is not None:
        sentence = {"sentence": say_rivalry(dossier.rivalry, wording)}
        figures = figures | {"against": dossier.rivalry.figures() | sentence}
    _place(path).write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return wording.say("done", "report", path=path)


def write_page(path: Path, dossier: Dossier, wording: Wording) -> str:
    # Pictures and pages need an extra: figures and errors are written without it.
    from training.evaluation.page import render_page

    _place(path).write_text(render_page(dossier, wording), "utf-8")
    return wording.say("done", "page", path=path)


def write_errors(path: Path, dossier: Dossier, wording: Wording) -> str:
    evaluation = dossier.evaluation
    count = confusions.write_errors(_place(path), evaluation.utterances, evaluation.results)
    return wording.say("done", "errors", path=path, count=f"{count:,}")


def write_confusion(path: Path, dossier: Dossier, wording: Wording) -> str:
    from training.evaluation.charts import draw_confusion

    evaluation = dossier.evaluation
    matrix = confusions.confusion_matrix(evaluation.utterances, evaluation.results)
    picture = draw_confusion(matrix, wording)
    _place(path).write_bytes(picture.png)
    done = wording.say("done", "confusion", path=path)
    return f"{done}\n{say_keys(picture.keys, wording)}".strip()


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
