/** Below this width there is one pane at a time. */
export const narrowQuery = '(max-width: 719px)'
