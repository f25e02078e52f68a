package opsapi_test

// city is what the operator acme has: business units in Austria and one that nothing
// refers to, branches, operators, and customers.
const city = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna, invoicePrefix: AT}
- {code: spare, name: Spare, currency: CHF, taxPercentage: 8.1}
branches:
- {code: AT, name: Austria, businessUnit: at}
- {code: VIE, name: Vienna, parent: AT}
- {code: GRZ, name: Graz, parent: AT}
vehicleCategories:
- {code: bike, name: Bike}
settings:
- {key: terms.operatorAcceptanceAllowed, value: true}
terms:
- {branch: AT, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
operators:
- {email: admin@example.org, name: Ada, assignments: [{role: ADMIN, branch: AT}]}
- {email: support@example.org, name: Sue, assignments: [{role: CUSTOMER_SUPPORT, branch: VIE}]}
- {email: accounting@example.org, name: Abe, assignments: [{role: ACCOUNTING, branch: AT}]}
- {email: branch-b@example.org, name: Bob, assignments: [{role: CUSTOMER_SUPPORT, branch: GRZ}]}
- {email: admin-b@example.org, name: Bea, assignments: [{role: ADMIN, branch: GRZ}]}
- {email: none@example.org, name: Nora}
apiClients:
- {name: desk, api: operations, assignments: [{role: ADMIN, branch: AT}]}
customers:
- {email: olga@example.org, firstName: Olga, lastName: Owner, phone: "+436601234567", homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: adam@example.org, firstName: Adam, lastName: Admin, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: mia@example.org, firstName: Mia, lastName: Member, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: max@example.org, firstName: Max, lastName: Member, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: ida@example.org, firstName: Ida, lastName: Free, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: ian@example.org, firstName: Ian, lastName: Free, homeBranch: VIE, emailIsVerified: true}
- {email: rex@example.org, firstName: Rex, lastName: Rival, homeBranch: GRZ, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: gus@example.org, firstName: Gus, lastName: Graz, homeBranch: GRZ, emailIsVerified: true}
- {email: uma@example.org, firstName: Uma, lastName: Unverified, homeBranch: VIE}
tariffs:
- {category: bike, businessUnit: at, unlockPrice: 1, pricePerMinute: 0.19}
vehicles:
- {code: B-1, branch: VIE, category: bike}
requirementSets:
- {name: Bikes, branches: [AT], vehicleCategories: [bike], start: {require: [PAYMENT_SOURCE]}}
`

// town is what the operator rival has.
const town = `
businessUnits:
- {code: de, name: Germany, currency: EUR, taxPercentage: 19}
branches:
- {code: DE, name: Germany, businessUnit: de}
operators:
- {email: admin@example.org, name: Ada, assignments: [{role: ADMIN, branch: DE}]}
`
