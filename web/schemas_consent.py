"""Wire models of consent and of the attributes that customers give for audits."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chatbot.attributes import Offer
from chatbot.conversation import Language
from chatbot.templates import CONSENT_VERSION, Templates


class AttributeValue(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    value: Annotated[str, StringConstraints(max_length=32)] | None = Field(
        description="One of the offered values; null: rather not say."
    )


class Choice(BaseModel):
    value: str
    label: str


class AttributeOffer(BaseModel):
    name: str
    label: str
    values: list[Choice]


class ConsentOffer(BaseModel):
    language: str
    wording_version: str
    """To be sent back with the customer's statement."""
    intro: str
    improve: str
    audit: str
    analytics: str
    """Counting goes on until it is refused."""
    attributes_intro: str
    attributes: list[AttributeOffer]
    """Empty where the company asks for none; to be shown once audits are agreed to."""

    @classmethod
    def of(cls, templates: Templates, offer: Offer, language: Language) -> ConsentOffer:
        return cls(
            language=language.value,
            wording_version=CONSENT_VERSION,
            intro=templates.render("consent_intro", language),
            improve=templates.render("consent_improve", language),
            audit=templates.render("consent_audit", language),
            analytics=templates.render("consent_analytics", language),
            attributes_intro=templates.render("consent_attributes", language),
            attributes=[
                AttributeOffer(
                    name=name,
                    label=attribute.say(language),
                    values=[
                        Choice(value=value, label=label.say(language))
                        for value, label in attribute.values.items()
                    ],
                )
                for name, attribute in offer.items()
            ],
        )
