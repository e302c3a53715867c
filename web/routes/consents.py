"""What a customer agrees to, and what they tell about themselves for audits.

Nothing that was stated before is ever read out: the customer's reference is the host page's word.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from chatbot.attributes import check_attribute, give_attribute, named_customer
from chatbot.conversation import Conversation, Language
from chatbot.privacy_desk import record_consents
from chatbot.templates import DISCLOSURE_VERSION
from web.dependencies import ConversationDep, KefuDep
from web.problems import problems
from web.schemas import ConsentStatement, Tag
from web.schemas_consent import AttributeValue, ConsentOffer

router = APIRouter(
    prefix="/v1/conversations/{conversation_id}",
    tags=["conversations"],
    responses=problems(401, 403, 404, 409, 422, 503),
)

AttributeName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_]{0,31}$")]


@router.get("/consent")
def offer(
    conversation: ConversationDep, kefu: KefuDep, language: Annotated[Tag | None, Query()] = None
) -> ConsentOffer:
    """What the customer may agree to, in the words to show before asking."""
    spoken = language_of(language) or conversation.language or Language.EN
    return ConsentOffer.of(kefu.templates, kefu.settings.offered_attributes, spoken)


@router.post("/consent", status_code=HTTPStatus.NO_CONTENT)
def consent(body: ConsentStatement, conversation: ConversationDep, kefu: KefuDep) -> None:
    """Agree to a use of this customer's words, or take it back; the last statement holds.

    Refusing audits deletes the attributes that the customer gave for them.
    """
    record(body, conversation, kefu)


@router.put("/attributes/{name}", status_code=HTTPStatus.NO_CONTENT)
def tell(
    name: AttributeName, body: AttributeValue, conversation: ConversationDep, kefu: KefuDep
) -> None:
    """Give one of the attributes of `GET …/consent`, or with `null` take it back.

    Only while the customer agrees to audits (403), and where the host page named the customer
    (409).
    """
    customer = named_customer(conversation)
    offered = kefu.settings.offered_attributes
    if body.value is None:
        check_attribute(offered, name)
        kefu.attributes.take_back(customer, name=name)
        return
    give_attribute(
        kefu.attributes,
        kefu.consents,
        offer=offered,
        customer=customer,
        name=name,
        value=body.value,
        at=kefu.clock.now(),
    )


def record(statement: ConsentStatement, conversation: Conversation, kefu: KefuDep) -> None:
    spoken = language_of(statement.language) or conversation.language or Language.EN
    record_consents(
        kefu.consents,
        statement.agreed(),
        attributes=kefu.attributes,
        customer=conversation.customer,
        at=kefu.clock.now(),
        wording_version=statement.wording_version or DISCLOSURE_VERSION,
        language=spoken.value,
    )


def language_of(tag: str | None) -> Language | None:
    if tag is None:
        return None
    return Language.ZH_HANS if tag == "zh" else Language(tag)
