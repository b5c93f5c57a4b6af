namespace Osc.Audit;
