"""The small tokenizer of the embedded CLIP: whole words of the world, letters for all others."""

from __future__ import annotations

import json
import re
from pathlib import Path

from longtake.world.scenes.objects import OBJECTS, plural
from longtake.world.scenes.places import AT, PLACES
from longtake.world.training.encoder import statements

CONTEXT = 20
PAD, START, END, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
_QUESTION_WORDS = (
    "what which where when who how many much is are does do did in at of to from by on left right "
    "above below up down first last before after seen shown appear appears stand together times "
    "separate tiny small big large colour color direction move moves moving most time spend film "
    "scene moment during while not no any nothing empty it its this that and or"
)


def vocabulary() -> list[str]:
    """Return every token, special ones first; the place in the list is the id."""
    texts = [*OBJECTS, *(plural(o) for o in OBJECTS), *PLACES, *AT.values()]
    texts += [*statements.COLOUR_NAMES, *statements.SYNONYMS, *statements.FOREIGN]
    texts += [f + "s" for f in statements.FOREIGN]
    texts += [*statements._FORMS, *statements._PLACE_FORMS, *statements._SIGN_FORMS]
    texts += ["something anything thing object", "and beside next near with", _QUESTION_WORDS]
    words = sorted({w for text in texts for w in re.findall(r"[a-z]+", text.lower()) if len(w) > 1})
    letters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    pieces = [f"##{c}" for c in letters if c.isalnum()]
    return [PAD, START, END, UNKNOWN, *letters, *pieces, *words]


def save_tokenizer(folder: Path) -> int:
    """Write the tokenizer's files in the form that transformers loads; return the token count."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    tokens = vocabulary()
    ids = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=32))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, ids[START]), (END, ids[END])]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT,
        "pad_token": PAD,
        "bos_token": START,
        "eos_token": END,
        "unk_token": UNKNOWN,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    return len(tokens)
