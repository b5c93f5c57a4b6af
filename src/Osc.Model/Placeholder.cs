namespace Osc.Model;
