"""The VLM's tokenizer: whole words of the world, digits one by one, bytes for everything else.

Sides of boxes, thousandths in tens, are tokens too: to say one digit after the other asks for a
hundred small intervals where a number asks for one place on a line.

A word is one token with the space before it, or without one where a line begins. Any text comes
back from its tokens as it was.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from longtake.world.films import narration
from longtake.world.prompts import holes, render
from longtake.world.scenes import signs
from longtake.world.scenes.objects import COLOURS, OBJECTS, plural
from longtake.world.scenes.places import AT, PLACES
from longtake.world.training.encoder import statements
from longtake.world.training.encoder.tokenizer import _QUESTION_WORDS
from longtake.world.training.lessons import wordings as vlm_wordings
from longtake.world.truths.wordings import WORDINGS
from longtake.world.vlm.prompts import PROMPTS

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
IMAGE, VIDEO = "<|image_pad|>", "<|video_pad|>"
VISION_START, VISION_END = "<|vision_start|>", "<|vision_end|>"
BOX, BOX_END = "<box>", "</box>"
SPECIALS = (PAD, START, END, VISION_START, VISION_END, IMAGE, VIDEO)
SIDES = tuple(f"{tens:02}0" for tens in range(100))
MARKS = (BOX, BOX_END)  # single tokens too, but kept when special tokens are skipped
# a side of a box is one token; no other number has three digits that end in 0 and no point behind
_SPLIT = (
    r"(?: |(?<![\p{N}.:]))\p{N}{2}0(?![\p{N}.:])"
    r"| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]|\s"
)
_ROLES = "system user assistant seconds yes no not visible box unknown frame"
# the processor puts time and marks around every frame of a video by itself
TEMPLATE = """{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string -%}{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == 'image' or part.type == 'image_url' or 'image' in part -%}
<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == 'video' or 'video' in part -%}
<|video_pad|>
{%- elif 'text' in part -%}{{ part.text }}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{ '<|im_end|>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"""


def _texts() -> list[str]:
    """Return every text whose words are tokens."""
    texts = [*OBJECTS, *(plural(o) for o in OBJECTS), *COLOURS, *PLACES, *AT.values()]
    texts += [w for forms in (WORDINGS, vlm_wordings.OWN) for f in forms.values() for w in f]
    texts += [*vlm_wordings.NUMBERS, *vlm_wordings.STATEMENTS.values(), *vlm_wordings.GROUNDS]
    texts += [*statements.SYNONYMS, *statements.FOREIGN, *(f + "s" for f in statements.FOREIGN)]
    texts += [*statements._FORMS, *statements._PLACE_FORMS, *statements._SIGN_FORMS]
    texts += [*statements._FOREIGN_PLACES, _QUESTION_WORDS, _ROLES]
    texts += [*narration.ATTRIBUTES, *narration.OWNERS, *narration.NAMES, *narration.PASSWORDS]
    texts += [*narration.FACT_LINES, *narration.TOPIC_LINES, *narration.TALK]
    texts += [topic for two in narration.TOPICS for topic in two]
    texts += [*signs.WORDS, *(w for two in (*signs.FIRST, *signs.LAST) for w in two)]
    return texts + [render(name, **_holes(name)) for name in PROMPTS]


def _holes(name: str) -> dict[str, str]:
    return dict.fromkeys(holes(name), "")


@lru_cache(maxsize=1)
def vocabulary() -> tuple[str, ...]:
    """Return every token in the byte alphabet of the model, special ones first."""
    from tokenizers import pre_tokenizers

    texts = [re.sub(r"\{[^}]*\}", " ", text) for text in _texts()]
    words = {w for text in texts for w in re.findall(r"[A-Za-z]+", text)}
    # sentences and lines begin with a capital or not; all else has a space before it
    inside = sorted(w for w in words if len(w) > 1)
    begins = sorted({re.findall(r"[A-Za-z]+", t)[0] for t in texts if re.search("[A-Za-z]", t)})
    marks = [f"Ġ{c}" for c in "0123456789ABCDEFGHIJa"]
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks += [mark + side for mark in ("", "Ġ") for side in SIDES]
    free = [w for w in {*begins, *COLOURS, *vlm_wordings.LINE_STARTS} if len(w) > 1]
    tokens = [*SPECIALS, *MARKS, *bytes_, *marks, *(f"Ġ{w}" for w in inside), *sorted(free)]
    return tuple(dict.fromkeys(tokens))


def build_tokenizer() -> object:
    """Return the tokenizer (a `tokenizers.Tokenizer`)."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    ids = {token: i for i, token in enumerate(vocabulary())}
    # without merges a known word is one token and any other falls into its bytes
    tokenizer = Tokenizer(models.BPE(ids, [], ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIALS])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in MARKS])
    return tokenizer


def save_tokenizer(folder: Path) -> None:
    """Write the tokenizer in the form that transformers loads."""
    folder.mkdir(parents=True, exist_ok=True)
    build_tokenizer().save(str(folder / "tokenizer.json"), pretty=False)  # type: ignore[attr-defined]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 32768,
        "pad_token": PAD,
        "eos_token": END,
        "image_token": IMAGE,
        "video_token": VIDEO,
        "vision_start_token": VISION_START,
        "vision_end_token": VISION_END,
        "clean_up_tokenization_spaces": False,
        "padding_side": "left",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
