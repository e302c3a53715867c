// The pages of the console, in the order of the rail. A page that a role may not see is not there.

import { audits } from './pages/audits.js';
import { jobs } from './pages/jobs.js';
import { knowledge } from './pages/knowledge.js';
import { live } from './live/live.js';
import { models } from './pages/models.js';
import { privacy } from './pages/privacy.js';
import { searchTest } from './pages/retrieval.js';
import { review } from './pages/review.js';
import { users } from './pages/users.js';

/** `open(app, rest)` gives `{ element, turnTo(rest)?, leave()? }`. */
export const PAGES = [
  { name: 'live', symbol: 'live', word: 'pageLive', needs: 'conversations.read', open: live },
  { name: 'knowledge', symbol: 'knowledge', word: 'pageKnowledge', needs: 'knowledge.read', open: knowledge },
  { name: 'retrieval', symbol: 'search', word: 'pageRetrieval', needs: 'knowledge.read', open: searchTest },
  { name: 'review', symbol: 'review', word: 'pageReview', needs: 'review.read', open: review },
  { name: 'models', symbol: 'models', word: 'pageModels', needs: 'models.read', open: models },
  { name: 'jobs', symbol: 'jobs', word: 'pageJobs', needs: 'jobs.read', open: jobs },
  { name: 'audits', symbol: 'audits', word: 'pageAudits', needs: 'audits.read', open: audits },
  { name: 'privacy', symbol: 'lock', word: 'pagePrivacy', needs: 'privacy.read', open: privacy },
  { name: 'users', symbol: 'users', word: 'pageUsers', needs: 'users.write', open: users },
];

export function pageFor(name, app) {
  return PAGES.find((page) => page.name === name && app.may(page.needs));
}
