namespace Osc.Store;
