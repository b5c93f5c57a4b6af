namespace Osc.Flows.Tests;
