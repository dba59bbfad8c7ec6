/** The six questions of the original app. Users can also write a custom question. */
export const securityQuestions = [
  { id: 'first-pet', text: 'What was the name of your first pet?' },
  { id: 'birth-city', text: 'What city were you born in?' },
  { id: 'favourite-colour', text: 'What is your favourite colour?' },
  { id: 'mothers-maiden-name', text: 'What was your mother’s maiden name?' },
  { id: 'first-car', text: 'What was your first car?' },
  { id: 'childhood-street', text: 'What street did you grow up on?' },
] as const
