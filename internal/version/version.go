// Package version says which azswarm this is.
package version

// Version of the library, the program, the lab and the package for other languages, which are released together: see CHANGELOG.md.
// Between releases it is the next one.
const Version = "0.1.0"
