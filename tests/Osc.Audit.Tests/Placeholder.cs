namespace Osc.Audit.Tests;
