namespace Osc.Store.Tests;
