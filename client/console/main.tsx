import { render } from 'preact';
import { App } from './app.tsx';
import { followLab } from './lab.ts';
import { followLive } from './live.ts';
import { followNodes } from './nodes.ts';

const root = document.getElementById('console');
if (root === null) throw new Error('broken invariant: the page has a place for the console');
render(<App />, root);
void followNodes();
void followLive();
void followLab();
