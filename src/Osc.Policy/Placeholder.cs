namespace Osc.Policy;
