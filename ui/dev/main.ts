// The window without Rust: `npm run dev`. Never part of the built app.
import './pretend';
import '../src/main';
