export const LENDING = `# Library lending

A Book has a title, an isbn, an optional subtitle, a list of authors and a number of copies.
Each Member has: id (uuid), name, email, joinedAt and active (boolean).
A Loan has a book, a member, a due date and an optional returned date.

## Functions

- \`calculateFine(loan: Loan, today: Date): number\`
- async function lendBook(book: Book, member: Member, days?: number): Promise<Loan>

The function isOverdue takes a loan and returns whether it is late.

- GET /api/v1/books
- DELETE /loans/{id}

## Requirements

The system shall send a reminder mail to the member two days before the due date.
Members can search books by author. The search should answer within 200 ms.
The catalogue page must be fast and easy to use.
As a librarian, I want to export the loans of a month so that I can report them.
An administrator may lock a member, e.g. after three unpaid fines.
The system must not delete members with open loans.
The system shall send a reminder mail to the member two days before the due date.
`;

export const TELEMETRY = `Sensors must encrypt every reading with TLS 1.3.
The gateway will buffer up to 10000 readings when the network is down.
The dashboard could offer a dark theme.
Firmware updates won't be part of this release.
`;
