package userapi_test

// city is what the operator acme has: one business unit in Vienna, branches, bikes and
// cars, and riders. Bikes ask for something to pay with, in Graz
// for a rider who is near; cars ask for a license.
const city = `
businessUnits:
- {code: at, name: Austria, currency: EUR, taxPercentage: 20, timezone: Europe/Vienna, invoicePrefix: AT}
branches:
- {code: AT, name: Austria, businessUnit: at}
- {code: VIE, name: Vienna, parent: AT}
- {code: GRZ, name: Graz, parent: AT}
vehicleCategories:
- {code: bike, name: Bike}
- {code: car, name: Car}
tariffs:
- {category: bike, businessUnit: at, unlockPrice: 1, pricePerMinute: 0.19}
- {category: car, businessUnit: at, unlockPrice: 2, pricePerMinute: 0.3, pricePerKilometer: 0.25, bookingPrice: 5}
vehicles:
- {code: B-1, branch: VIE, category: bike, position: {lat: 48.2082, lng: 16.3738}, kilometers: 12.5}
- {code: B-2, branch: VIE, category: bike, position: {lat: 48.2182, lng: 16.3738}}
- {code: B-3, branch: GRZ, category: bike, position: {lat: 47.07, lng: 15.44}}
- {code: C-1, name: Small car, licensePlate: W-1, branch: VIE, category: car, kilometers: 1000}
- {code: C-2, branch: VIE, category: car}
requirementSets:
- {name: Bikes, branches: [AT], vehicleCategories: [bike], start: {require: [PAYMENT_SOURCE]}}
- {name: Graz, branches: [GRZ], vehicleCategories: [bike], start: {reservationMaximumDistance: 500}}
- name: Cars
  branches: [AT]
  vehicleCategories: [car]
  start: {minimumAge: 18, require: [EMAIL_VERIFIED, DRIVING_LICENSE_VERIFIED, DRIVING_LICENSE_NOT_EXPIRED, DRIVING_LICENSE_CATEGORY], licenseCategories: [B]}
settings:
- {key: verification.licenseProvider, value: VERIFF}
terms:
- {branch: AT, termsAndConditionsText: Be kind., termsAndConditionsUrl: "https://example.org/terms"}
voucherables:
- code: SORRY-5
  name: Sorry
  businessUnit: at
  benefits: [{voucherType: CASHBACK, valueGross: 5, validityDays: 30}]
customers:
- {email: olga@example.org, firstName: Olga, lastName: Owner, phone: "+436601234567", homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: adam@example.org, firstName: Adam, lastName: Admin, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: mia@example.org, firstName: Mia, lastName: Member, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE], birthdate: "1990-05-01",
   licenseVerificationState: VERIFIED, licenseExpirationDate: "2030-01-01", drivingLicenseCategories: [B]}
- {email: max@example.org, firstName: Max, lastName: Member, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: ida@example.org, firstName: Ida, lastName: Stranger, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE], birthdate: "1990-05-01"}
- {email: rex@example.org, firstName: Rex, lastName: Rival, homeBranch: VIE, emailIsVerified: true, acceptedTermsOf: [VIE]}
- {email: uma@example.org, firstName: Uma, lastName: Unverified, homeBranch: VIE}
`

// town is what the operator rival has.
const town = `
businessUnits:
- {code: de, name: Germany, currency: EUR, taxPercentage: 19}
branches:
- {code: DE, name: Germany, businessUnit: de}
customers:
- {email: olga@example.org, firstName: Olga, lastName: Other, homeBranch: DE, emailIsVerified: true}
`
