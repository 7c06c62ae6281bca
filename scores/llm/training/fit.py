"""Fits what weighs the evidence for an answer. Needs scikit-learn 1.7 and numpy; the result is kept in the repository.

    node scores/llm/training/main.ts /tmp/candidates.json
    python3 scores/llm/training/fit.py /tmp/candidates.json services/llm/knowledge/evidence-trees.json

Trees for paragraphs and answers, a logistic regression for the sentence within a paragraph. The threshold is set on questions
held out from the trees (five folds of the training and development questions).
"""

import json
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

SEED = 7
FOLDS = 5
DECLINED = 0.84


def right(unit: dict) -> bool:
    return any(sentence["right"] for sentence in unit["sentences"])


def units(question: dict) -> list[dict]:
    return [unit for reading in question["readings"] for unit in reading]


def trees() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=90,
        learning_rate=0.07,
        max_leaf_nodes=7,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=SEED,
    )


def table(questions: list[dict], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    rows = [unit for question in questions for unit in units(question)]
    return np.array([[unit["parts"][name] for name in names] for unit in rows]), np.array([right(unit) for unit in rows])


def fit_sentence(questions: list[dict]) -> dict:
    """Which sentence of a paragraph that answers is the one; weights for the parts as they are."""
    rows = [
        sentence
        for question in questions
        for unit in units(question)
        if right(unit) and len(unit["sentences"]) > 1
        for sentence in unit["sentences"]
    ]
    names = list(rows[0]["parts"])
    x = np.array([[row["parts"][name] for name in names] for row in rows])
    mean, deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.1, max_iter=5000).fit((x - mean) / deviation, [row["right"] for row in rows])
    weights = model.coef_[0] / deviation
    return {
        "bias": round(float(model.intercept_[0] - (weights * mean).sum()), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights)},
    }


def best_of(question: dict, names: list[str], model) -> tuple[float, bool]:
    found = units(question)
    if not found:
        return 0.0, False
    scores = model.predict_proba(np.array([[unit["parts"][name] for name in names] for unit in found]))[:, 1]
    best = int(np.argmax(scores))
    return float(scores[best]), right(found[best])


def held_out(questions: list[dict], names: list[str]) -> list[tuple[dict, float, bool]]:
    fold = np.random.RandomState(SEED).permutation(len(questions)) % FOLDS
    results = []
    for out in range(FOLDS):
        model = trees().fit(*table([question for question, at in zip(questions, fold) if at != out], names))
        results += [(question, *best_of(question, names, model)) for question, at in zip(questions, fold) if at == out]
    return results


def shares(results: list[tuple[dict, float, bool]], threshold: float) -> tuple[float, float]:
    answerable = [result for result in results if result[0]["answerable"]]
    others = [result for result in results if not result[0]["answerable"]]
    return (
        sum(score >= threshold and good for _, score, good in answerable) / len(answerable),
        sum(score < threshold for _, score, _ in others) / len(others),
    )


def exported(model: HistGradientBoostingClassifier) -> list[list[list[float]]]:
    result = []
    for (predictor,) in model._predictors:
        result.append(
            [
                [-1, round(float(node["value"]), 5), 0, 0]
                if node["is_leaf"]
                else [int(node["feature_idx"]), round(float(node["num_threshold"]), 6), int(node["left"]), int(node["right"])]
                for node in predictor.nodes
            ]
        )
    return result


def main() -> None:
    questions = json.load(open(sys.argv[1], encoding="utf-8"))
    names = list(units(questions[0])[0]["parts"])
    results = held_out(questions, names)
    for threshold in np.arange(0.05, 1.0, 0.05):
        found, declined = shares(results, threshold)
        print(f"threshold {threshold:.2f}: right unit {100 * found:.1f} %, declined {100 * declined:.1f} %")
    wrong = sorted((score for question, score, _ in results if not question["answerable"]), reverse=True)
    threshold = round(wrong[int(len(wrong) * (1 - DECLINED))] + 0.001, 3)
    found, declined = shares(results, threshold)
    print(f"chosen {threshold}: right unit {100 * found:.1f} %, declined {100 * declined:.1f} %")
    model = trees().fit(*table(questions, names))
    fitted = {
        "threshold": threshold,
        "bias": round(float(np.ravel(model._baseline_prediction)[0]), 5),
        "parts": names,
        "sentence": fit_sentence(questions),
        "trees": exported(model),
    }
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(fitted, file)


main()
