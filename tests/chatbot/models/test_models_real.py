"""The weights themselves: what was pulled is what the lock says, and means what it should."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from chatbot.models.verify import FileState, verify

pytestmark = pytest.mark.models

# Counted by the package's own engine, with "query: " before the text.
ENGINE_TOKEN_COUNTS = {
    "Where is my parcel?": 10,
    "我的快递到哪了？": 12,
    "I want a refund for order #A-10293, please.": 19,
    "我想問一下，這個商品可以退貨嗎？": 17,
    "ＡＢＣ１２３ full-width 全角字符，价格￥１９９．００": 20,
    "好的～谢谢亲😀👍🏽": 13,
    "Can I pay with 支付宝 or WeChat Pay (微信支付)?": 21,
    "naïve café résumé — coöperate": 15,
    "10Ω resistor, 5μF, 25°C, ½ price, ①②③ ™ ©": 24,
    "麻烦帮我把收货地址改成上海市浦东新区世纪大道100号，电话还是原来的。": 28,
    "㍿ ㎏ ﬁne ﬂow": 10,
}
NEIGHBOURS = [
    ("Where is my parcel?", "When will my package arrive?", "How do I change my password?"),
    ("我的快递到哪了？", "包裹什么时候能送到？", "怎么修改登录密码？"),
    ("I want my money back", "我要退款", "你们几点下班？"),
    ("忘记密码了怎么办", "I forgot my password", "Do you ship to Canada?"),
]


class Encoder:
    def __init__(self, folder, *, prefix=""):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
        self.prefix = prefix

    def embed(self, *texts):
        """(texts, 384), mean over the tokens of each text, L2-normalised."""
        batch = self.tokenizer(
            [self.prefix + text for text in texts], padding=True, return_tensors="pt"
        )
        with torch.no_grad():
            hidden = self.model(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)


@pytest.fixture(scope="module")
def e5(models_home):
    return Encoder(models_home / "e5", prefix="query: ")


@pytest.fixture(scope="module")
def minilm(models_home):
    return Encoder(models_home / "minilm")


def test_every_pulled_file_has_the_hash_of_the_lock(models_home):
    findings = verify(["minilm", "e5"], home=models_home.parent)
    assert {finding.state for finding in findings} == {FileState.OK}


@pytest.mark.parametrize(("text", "count"), ENGINE_TOKEN_COUNTS.items())
def test_e5_counts_tokens_as_the_packages_own_engine_does(e5, text, count):
    assert len(e5.tokenizer(f"query: {text}")["input_ids"]) == count


@pytest.mark.parametrize("text", ["退款", "refund", "客服～😀", "訂單", "ａｂｃ"])
def test_no_everyday_text_is_unknown_to_e5(e5, text):
    assert e5.tokenizer.unk_token_id not in e5.tokenizer(text)["input_ids"]


@pytest.mark.parametrize(("question", "near", "far"), NEIGHBOURS)
def test_e5_puts_the_same_wish_closer_than_another_in_and_across_languages(e5, question, near, far):
    first, same, other = e5.embed(question, near, far)
    assert first @ same > first @ other


def test_minilm_puts_the_same_wish_closer_than_another(minilm):
    question, near, far = NEIGHBOURS[0]
    first, same, other = minilm.embed(question, near, far)
    assert first @ same > first @ other + 0.2


def test_padding_does_not_move_an_embedding(e5):
    alone = e5.embed("退款")[0]
    padded = e5.embed("退款", "a much longer question about the return of a parcel")[0]
    assert torch.allclose(alone, padded, atol=1e-5)
