/** Below this width there is one pane at a time. */
export const narrowQuery = '(width < 45em)'
