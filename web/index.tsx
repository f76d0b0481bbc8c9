import { screens } from '../src/screens.ts';
import { startApp } from '../src/ui/app.tsx';

const root = document.getElementById('root');
if (root) void startApp(root, screens);
