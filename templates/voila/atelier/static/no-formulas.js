// Voilà's page asks for MathJax 2, from another host unless told otherwise. Dashboards hold no formulas: this stands
// in its place, accepts what Voilà says to it and does nothing.
"use strict";
window.MathJax = {
  Hub: {
    processSectionDelay: 0,
    Config() {},
    Configured() {},
    Queue() {},
    Register: { StartupHook() {} },
  },
};
