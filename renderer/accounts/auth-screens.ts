// The screens of a user who is not logged in.
import './hb-continue.ts'
import './hb-login.ts'
import './hb-recover.ts'
import './hb-register.ts'
import './hb-setup.ts'
import './hb-pending-approval.ts'
