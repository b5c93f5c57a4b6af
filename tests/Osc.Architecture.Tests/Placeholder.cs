namespace Osc.Architecture.Tests;
