namespace Osc.Bus.Tests;
