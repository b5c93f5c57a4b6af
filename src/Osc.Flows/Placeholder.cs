namespace Osc.Flows;
