// The entry: everything else is loaded from here.

import { App } from './app.js';

new App(document.body).start();
