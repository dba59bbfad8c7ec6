/** A user has read or received a chat up to a message. */
export interface Receipt {
  chatId: string
  userId: string
  no: number
}
