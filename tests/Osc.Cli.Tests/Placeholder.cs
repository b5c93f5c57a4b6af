namespace Osc.Cli.Tests;
