"""The demo company: Maplewood Electronics, a bilingual electronics web shop."""
