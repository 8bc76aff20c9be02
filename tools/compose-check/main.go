// Command compose-check reads compose files as strictly as the Compose specification allows and says what is wrong with them:
// unknown keys, broken references, dependency cycles. It needs neither Docker nor a network.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: compose-check FILE...")
		os.Exit(2)
	}
	for _, file := range os.Args[1:] {
		if err := check(context.Background(), file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
	}
}

// check loads a file with every profile on, so that services behind one are checked too. The environment and .env are left
// out: the file has to be right with its defaults.
func check(ctx context.Context, file string) error {
	options, err := cli.NewProjectOptions([]string{file},
		cli.WithName("check"), cli.WithConsistency(true), cli.WithDefaultProfiles("*"))
	if err != nil {
		return err
	}
	_, err = options.LoadProject(ctx)
	return err
}
