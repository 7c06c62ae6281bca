export { createTenantController, namespacesOf, quotaPipelinesOf, type TenantDeps, triggerTenants } from "./tenant.ts";
