"""How tools ask the VLM: the question with its options, their orders, and the film's words beside.

`ask_vlm` in `vlm_query`, `ask_in_turns` in `option_order`, `notes_at` in `film_notes`.
"""
